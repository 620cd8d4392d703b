package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.export.graph.Precision;
import org.junit.jupiter.api.Test;

@NeedsCuda
class CudaDecoderTest extends DecoderContract {

  CudaDecoderTest() {
    super(Precision.FP16, ProviderSettings.of(ExecutionProvider.CUDA), 2e-2f);
  }

  @Test
  void runsOnTheGpuAndReplaysItsSteps() {
    assertThat(decoder.provider()).isEqualTo(ExecutionProvider.CUDA);
    assertThat(decoder.replays()).isTrue();
  }

  @Test
  void aReplayedStepComputesWhatIsThereNow() {
    prefill(0, tokens(6, 1));
    decoder.decode(1, new int[] {3});
    decoder.decode(1, new int[] {4});
    float[] first = logits(0);
    prefill(0, tokens(6, 2));
    decoder.decode(1, new int[] {3});
    decoder.decode(1, new int[] {4});
    assertThat(logits(0)).isNotEqualTo(first);
  }

  @Test
  void theGpuFindsTheMostLikelyToken() {
    prefill(0, tokens(6, 1));
    assertThat(decoder.mostLikely(0)).isNotNegative();
  }
}
