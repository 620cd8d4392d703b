package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.runtime.export.graph.Precision;
import org.junit.jupiter.api.Test;

class OnnxDecoderTest extends DecoderContract {

  OnnxDecoderTest() {
    super(Precision.FP32, ProviderSettings.CPU, 1e-4f);
  }

  @Test
  void aStepThatOnnxRuntimeRefusesIsReported() {
    assertThatThrownBy(() -> decoder.prefill(0, new int[] {100_000}, 0, 1))
        .isInstanceOf(DecoderException.class);
    int[] prompt = tokens(4, 10);
    prefill(0, prompt);
    assertThat(logits(0)).containsExactly(expected(prompt), within(0f));
  }
}
