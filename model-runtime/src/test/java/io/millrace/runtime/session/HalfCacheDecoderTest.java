package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.runtime.attention.CacheType;
import io.millrace.runtime.export.graph.Layout;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The decoder with attention of our own, over a cache in half precision. */
@EnabledIf("io.millrace.runtime.attention.CachedAttention#isUsable")
class HalfCacheDecoderTest extends DecoderContract {

  private static final int FULL_BYTES = 2 * 2 * 2 * 128 * 16 * Float.BYTES;

  HalfCacheDecoderTest() {
    super(Precision.FP32, ProviderSettings.CPU, 2e-3f);
  }

  @Override
  SessionSettings settings() {
    return super.settings().withSpeculativeTokens(5).withCacheType(CacheType.FLOAT16);
  }

  @Test
  void the_cache_takes_half_the_memory() {
    assertThat(decoder.cacheBytes()).isGreaterThanOrEqualTo(4 * FULL_BYTES / 2);
    assertThat(decoder.cacheBytes()).isLessThan(4 * FULL_BYTES);
  }

  @Test
  void a_prompt_has_the_same_bits_wherever_it_is_cut() {
    int[] prompt = tokens(24, 4);
    decoder.prefill(0, prompt, 0, 16);
    decoder.prefill(0, prompt, 16, 24);
    float[] cut = logits(0);
    decoder.release(0);
    decoder.prefill(1, prompt, 0, 7);
    decoder.prefill(1, prompt, 7, 8);
    decoder.prefill(1, prompt, 8, 24);
    assertThat(logits(0)).containsExactly(cut, within(0f));
    decoder.release(1);
  }

  @Test
  void tokens_can_be_verified() {
    assertThat(decoder.verifiableTokens()).isEqualTo(6);
  }

  @Test
  void a_graph_with_other_attention_is_refused(@TempDir Path directory) {
    var model = ModelDirectory.load(TinyModels.export(directory, Precision.FP32, Layout.STANDARD));
    assertThatThrownBy(() -> OnnxDecoder.open(model, settings()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("needs plain GroupQueryAttention");
  }
}
