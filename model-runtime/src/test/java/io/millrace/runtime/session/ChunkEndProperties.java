package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ChunkEndProperties {

  /** Has nothing but the default methods. */
  private static final Decoder DECODER =
      (Decoder)
          Proxy.newProxyInstance(
              Decoder.class.getClassLoader(),
              new Class<?>[] {Decoder.class},
              InvocationHandler::invokeDefault);

  @Property(tries = 2_000)
  void everyPromptIsComputedInPartsThatRoundAlike(
      @ForAll @IntRange(min = 1, max = 400) int promptTokens,
      @ForAll @IntRange(min = 3, max = 300) int budget,
      @ForAll @IntRange(min = 0, max = 10) int cachedBlocks) {
    int from = Math.min(16 * cachedBlocks, Math.max(0, (promptTokens - 2) / 16 * 16));
    while (from < promptTokens) {
      int to = DECODER.chunkEnd(from, budget, promptTokens);
      assertThat(to - from).isBetween(1, budget);
      if (promptTokens > 1) {
        assertThat((to - from) % Decoder.ATTENTION_BLOCK).isNotEqualTo(1);
        assertThat(promptTokens - to).isNotEqualTo(1);
      }
      from = to;
    }
  }
}
