package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.runtime.export.graph.Layout;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Millrace's own operators on a GPU. */
@NeedsCuda
class CudaFusedDecoderTest extends DecoderContract {

  CudaFusedDecoderTest() {
    super(Precision.FP16, Layout.FUSED, ProviderSettings.of(ExecutionProvider.CUDA), 2e-2f);
  }

  @Test
  void replaysItsSteps() {
    assertThat(decoder.replays()).isTrue();
  }

  @Test
  void computesWhatTheHostDoes(@TempDir Path directory) {
    var model = ModelDirectory.load(TinyModels.export(directory, Precision.FP16, Layout.FUSED));
    int[][] prompts = {tokens(16, 1), tokens(3, 2), tokens(1, 3)};
    try (var host = OnnxDecoder.open(model, new SessionSettings(4, 128, 16, 1, false))) {
      for (int row = 0; row < prompts.length; row++) {
        prefill(row, prompts[row]);
        host.prefill(row, prompts[row], 0, prompts[row].length);
      }
      for (int step = 0; step < 4; step++) {
        int[] next = {7 + step, 8 + step, 9 + step};
        decoder.decode(3, next);
        host.decode(3, next);
        for (int row = 0; row < prompts.length; row++) {
          float[] expected = new float[host.vocabularySize()];
          host.readLogits(row, expected);
          assertThat(logits(row)).containsExactly(expected, within(2e-2f));
        }
      }
    }
  }
}
