package io.millrace.topology.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said of the keys is true of the configuration. */
class ConfigurationKeysTest {

  private static final String LEAST = "model.directory: models/demo\n";

  @Test
  void everyKeyIsDescribed() {
    assertThat(MillraceConfiguration.keys())
        .extracting(ConfigurationKey::path)
        .doesNotHaveDuplicates()
        .contains(
            "kafka.*",
            "schema-registry.*",
            "engine.slots",
            "batching.max-wait",
            "prices.NAME.prompt-micros-per-million");
    assertThat(MillraceConfiguration.keys())
        .allSatisfy(key -> assertThat(key.description()).endsWith(".").doesNotContain("\n"));
  }

  @Test
  void everyDefaultCanBeWrittenInTheFile() {
    var lines =
        MillraceConfiguration.keys().stream()
            .filter(key -> !key.otherwise().isEmpty() && !key.path().contains("NAME"))
            .map(key -> key.path() + ": " + key.otherwise())
            .toList();
    assertThat(parse(LEAST + String.join("\n", lines))).isEqualTo(parse(LEAST));
  }

  @Test
  void theTableInTheReadmeIsTheListOfKeys() throws Exception {
    var table = ConfigurationTable.markdown();
    assertThat(Files.readString(Path.of("README.md"))).contains(table);
  }

  private static MillraceConfiguration parse(String yaml) {
    return MillraceConfiguration.parse(yaml, Map.of());
  }
}
