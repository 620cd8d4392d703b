package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.runtime.export.graph.Layout;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Millrace's own operators on the host. */
class FusedDecoderTest extends DecoderContract {

  FusedDecoderTest() {
    super(Precision.FP16, Layout.FUSED, ProviderSettings.CPU, 1e-2f);
  }

  @Test
  void computesWhatOnnxRuntimesOwnOperatorsDo(@TempDir Path directory) {
    int[] prompt = tokens(30, 21);
    prefill(0, prompt);
    decoder.decode(1, new int[] {5});
    float[] fused = logits(0);
    var model = ModelDirectory.load(TinyModels.export(directory, Precision.FP32));
    try (var exact = OnnxDecoder.open(model, new SessionSettings(4, 128, 31, 1, false))) {
      exact.prefill(0, prompt, 0, 30);
      exact.decode(1, new int[] {5});
      float[] expected = new float[exact.vocabularySize()];
      exact.readLogits(0, expected);

      assertThat(fused).containsExactly(expected, within(2e-2f));
    }
  }

  @Test
  void leavesNoNativeObjectBehind(@TempDir Path directory) {
    var model = ModelDirectory.load(TinyModels.export(directory, Precision.FP16, Layout.FUSED));
    long before = OrtApi.objects();
    OnnxDecoder.open(model, new SessionSettings(2, 64, 16, 1, false)).close();

    assertThat(OrtApi.objects()).isEqualTo(before);
  }
}
