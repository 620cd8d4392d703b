package io.millrace.runtime.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.prompt.ChatMessage;
import io.millrace.runtime.session.SessionSettings;
import io.millrace.runtime.session.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpeculationBenchmarkTest {

  @Test
  void measuresEachKindOfTextWithAndWithout(@TempDir Path directory) {
    var chats =
        List.of(
            List.of(new ChatMessage("user", "Where is order 4711?")),
            List.of(new ChatMessage("user", "Thanks!")));
    var settings =
        new SpeculationSettings(
            TinyModels.export(directory, Precision.INT8),
            new SessionSettings(1, 256, 64, 1, false).withSpeculativeTokens(4),
            Optional.of(TinyModels.export(directory, Precision.INT4)),
            chats,
            10,
            40,
            2,
            2);
    List<String> progress = new ArrayList<>();
    var measured = new SpeculationBenchmark(settings, progress::add).run();
    assertThat(measured)
        .extracting(SpeculationMeasurement::text)
        .containsExactly(
            "chats",
            "chats asked again",
            "most likely tokens",
            "random tokens",
            "random tokens of 8");
    assertThat(measured)
        .allSatisfy(
            text -> {
              assertThat(text.differing()).isZero();
              assertThat(text.with().median()).isPositive();
              assertThat(text.without().median()).isPositive();
              assertThat(progress).contains(text.text());
            });
    assertThat(measured.get(2).accepted()).as("a random model repeats itself").isPositive();
  }
}
