package io.millrace.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.device.FloatType;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.session.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphInputsTest {

  private static final String CACHE = "past_key_values.0.key";

  @TempDir private Path parent;

  private Path graph(Precision precision) {
    return TinyModels.export(parent, precision).resolve("model.onnx");
  }

  @ParameterizedTest
  @CsvSource({"FP32, FLOAT32", "FP16, FLOAT16", "BF16, BFLOAT16", "INT8, FLOAT32"})
  void saysWhatNumbersTheCacheHolds(Precision precision, FloatType expected) {
    assertThat(GraphInputs.floatType(graph(precision), CACHE)).contains(expected);
  }

  @Test
  void hasNoneForWhatIsNoInputOrNoFloat() {
    var graph = graph(Precision.FP32);

    assertThat(GraphInputs.floatType(graph, "input_ids")).isEmpty();
    assertThat(GraphInputs.floatType(graph, "logits")).isEmpty();
    assertThat(GraphInputs.floatType(graph, "past_key_values.0")).isEmpty();
  }

  @Test
  void refusesWhatIsNoGraph() throws IOException {
    var file = Files.write(parent.resolve("text.onnx"), new byte[] {0x7f, 'n', 'o'});

    assertThatThrownBy(() -> GraphInputs.floatType(file, CACHE))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("text.onnx");
    Files.write(file, new byte[0]);
    assertThatThrownBy(() -> GraphInputs.floatType(file, CACHE))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no ONNX graph");
  }
}
