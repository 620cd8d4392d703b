package io.millrace.topology.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFilesTest {

  @TempDir private Path directory;

  private String file(String text) throws Exception {
    return Files.writeString(directory.resolve("secret"), text).toString();
  }

  private static MillraceConfiguration parse(Map<String, String> environment) {
    return MillraceConfiguration.parse("model.directory: none", environment);
  }

  @Test
  void aVariableMayNameTheFileOfASecret() throws Exception {
    var configuration =
        parse(Map.of("MILLRACE_KAFKA_SASL_JAAS_CONFIG_FILE", file("module required;\n")));
    assertThat(configuration.kafka())
        .containsExactly(Map.entry("sasl.jaas.config", "module required;"));
  }

  @Test
  void otherKeysMayEndWithFileThemselves() {
    var variable = "MILLRACE_KAFKA_SASL_OAUTHBEARER_ASSERTION_FILE";
    assertThat(parse(Map.of(variable, "/somewhere")).kafka())
        .containsExactly(Map.entry("sasl.oauthbearer.assertion.file", "/somewhere"));
  }

  @Test
  void aFileThatCannotBeReadIsRefused() {
    assertThatThrownBy(() -> parse(Map.of("MILLRACE_KAFKA_SSL_KEY_PASSWORD_FILE", "/not/there")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("MILLRACE_KAFKA_SSL_KEY_PASSWORD_FILE: /not/there cannot be read");
  }

  @Test
  void aSecretIsGivenOnce() throws Exception {
    var environment =
        Map.of(
            "MILLRACE_KAFKA_SSL_KEY_PASSWORD",
            "s3cret",
            "MILLRACE_KAFKA_SSL_KEY_PASSWORD_FILE",
            file("other"));
    assertThatThrownBy(() -> parse(environment))
        .hasMessageContaining("only one may be set")
        .hasMessageNotContaining("s3cret");
  }
}
