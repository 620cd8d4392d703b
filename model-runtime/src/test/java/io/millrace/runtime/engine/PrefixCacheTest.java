package io.millrace.runtime.engine;

import static io.millrace.runtime.engine.EngineBench.accept;
import static io.millrace.runtime.engine.EngineBench.drain;
import static io.millrace.runtime.engine.EngineBench.end;
import static io.millrace.runtime.engine.EngineBench.text;
import static io.millrace.runtime.engine.PrefixCache.BLOCK_TOKENS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.batching.Batchable;
import io.millrace.runtime.sampling.SamplingParameters;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {

  private static final int CAPACITY = 200;

  private final FakeDecoder decoder =
      new FakeDecoder(
          2,
          CAPACITY,
          CAPACITY,
          EngineBench.VOCABULARY,
          0,
          new SimulatedClock(),
          EngineBench::hashing);

  /** Tokens 0, 1, 2 ... but for the last ones, which are all {@code different}. */
  private static int[] prompt(int length, int different, int last) {
    return IntStream.range(0, length)
        .map(index -> index < length - last ? index % 26 : different)
        .toArray();
  }

  private static GenerationRequest request(String tenant, String salt, int... prompt) {
    return new GenerationRequest(
        "r", 1, prompt, SamplingParameters.greedy(3), 0, Batchable.NO_DEADLINE, tenant, salt);
  }

  private void compute(PrefixCache cache, GenerationRequest request) {
    decoder.prefill(0, request.tokens(), 0, request.promptTokens());
    cache.keep(0, request);
  }

  private static PrefixCache cacheOf(FakeDecoder decoder, int blocks) {
    return new PrefixCache(decoder, blocks);
  }

  @Test
  void whatTwoPromptsBeginWithIsComputedOnce() {
    var bench = new EngineBench(1, CAPACITY, 100, 4, EngineBench::hashing);
    var channel = bench.channel(100);
    accept(channel, request("", "", prompt(50, 1, 5)));
    bench.run();
    var first = drain(channel);
    accept(channel, request("", "", prompt(50, 2, 5)));
    bench.run();
    var second = drain(channel);
    assertThat(bench.decoder.calls)
        .containsSubsequence("prefill 0..50", "load 0..16", "load 16..32", "prefill 32..50");
    assertThat(end("r", first).usage().cachedTokens()).isZero();
    assertThat(end("r", second).usage().cachedTokens()).isEqualTo(32);
    assertThat(end("r", second).usage().promptTokens()).isEqualTo(50);
    assertThat(bench.meters.get("millrace.engine.tokens").tag("kind", "cached").counter().count())
        .isEqualTo(32);
    assertThat(text("r", second)).isNotEqualTo(text("r", first));
  }

  @Test
  void anotherScopeFindsNothing() {
    var cache = cacheOf(decoder, 10);
    compute(cache, request("one tenant", "", prompt(50, 1, 5)));
    assertThat(cache.load(1, request("another", "", prompt(50, 1, 5)))).isZero();
    assertThat(cache.load(1, request("one tenant", "salt", prompt(50, 1, 5)))).isZero();
    assertThat(cache.load(1, request("one tenant", "", prompt(50, 1, 5)))).isEqualTo(48);
  }

  @Test
  void aBlockIsNotFoundBehindAnotherBeginning() {
    var cache = cacheOf(decoder, 10);
    int[] prompt = prompt(50, 1, 5);
    compute(cache, request("", "", prompt));
    int[] other = prompt.clone();
    other[3] = 25;
    assertThat(cache.load(1, request("", "", other))).isZero();
  }

  @Test
  void twoTokensAreLeftToBeComputed() {
    var cache = cacheOf(decoder, 10);
    compute(cache, request("", "", prompt(50, 1, 0)));
    assertThat(cache.load(1, request("", "", prompt(2 * BLOCK_TOKENS + 1, 1, 0))))
        .isEqualTo(BLOCK_TOKENS);
    assertThat(cache.load(1, request("", "", prompt(2 * BLOCK_TOKENS + 2, 1, 0))))
        .isEqualTo(2 * BLOCK_TOKENS);
  }

  @Test
  void whatWasNotUsedForLongestMakesRoom() {
    var cache = cacheOf(decoder, 4);
    int[] old = prompt(34, 0, 34);
    int[] used = prompt(34, 1, 34);
    compute(cache, request("", "", old));
    compute(cache, request("", "", used));
    assertThat(cache.load(1, request("", "", old))).isEqualTo(32);
    assertThat(cache.load(1, request("", "", used))).isEqualTo(32);
    compute(cache, request("", "", prompt(18, 2, 18)));
    // The end of a prompt goes before its beginning.
    assertThat(cache.load(1, request("", "", old))).isEqualTo(16);
    assertThat(cache.load(1, request("", "", used))).isEqualTo(32);
  }

  @Test
  void ofAPromptThatIsTooLongTheBeginningIsKept() {
    var cache = cacheOf(decoder, 2);
    compute(cache, request("", "", prompt(34, 3, 34)));
    int[] tooLong = prompt(100, 1, 5);
    compute(cache, request("", "", tooLong));
    assertThat(cache.load(1, request("", "", tooLong))).isEqualTo(32);
  }

  @Test
  void aCacheWithoutRoomKeepsNothing() {
    var cache = cacheOf(decoder, 0);
    compute(cache, request("", "", prompt(50, 1, 5)));
    assertThat(cache.load(1, request("", "", prompt(50, 1, 5)))).isZero();
    assertThat(decoder.calls).isEqualTo(List.of("prefill 0..50"));
  }
}
