package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSessionTest {

  @TempDir private Path parent;

  private ModelDirectory model;

  @BeforeEach
  void export() {
    model = ModelDirectory.load(TinyModels.export(parent, Precision.INT8));
  }

  private static SessionSettings on(ProviderSettings provider) {
    return new SessionSettings(1, 64, 64, 1, false, provider);
  }

  @Test
  void automaticallyAnInt8ModelRunsOnTheCpu() {
    try (var session = ModelSession.open(model, on(ProviderSettings.FASTEST), true)) {
      assertThat(session.provider()).isEqualTo(ExecutionProvider.CPU);
    }
  }

  @Test
  void withoutFallbackTheReasonOfEachProviderIsSaid() {
    var gpus = ProviderSettings.of(ExecutionProvider.TENSORRT, ExecutionProvider.CUDA);

    assertThatThrownBy(() -> ModelSession.open(model, on(gpus), true))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("model.onnx: tensorrt: ")
        .hasMessageContaining("; cuda: ");
  }
}
