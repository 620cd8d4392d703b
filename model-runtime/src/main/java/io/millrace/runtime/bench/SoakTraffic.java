package io.millrace.runtime.bench;

import io.millrace.batching.Batchable;
import io.millrace.runtime.engine.GenerationRequest;
import io.millrace.runtime.sampling.EndConditions;
import io.millrace.runtime.sampling.SamplingParameters;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Makes requests that differ in all that requests can differ in, the same ones for a seed. */
final class SoakTraffic {

  private static final int TENANTS = 7;
  private static final int PRIORITIES = 3;

  /** Beginnings that prompts of a tenant share. */
  private static final int PREFIXES = 10;

  /** Likely in random text, so that many completions end by one, and some hold one back. */
  private static final List<List<String>> STOPS =
      List.of(List.of("q"), List.of("zzz", "a b"), List.of("the end", "ee"));

  private final Random random;
  private final int vocabularySize;
  private final int longest;
  private long made;

  /**
   * @param capacity of a slot; prompt and completion have two thirds of it at most, so that
   *     together they sometimes come to its end
   */
  SoakTraffic(long seed, int vocabularySize, int capacity) {
    this.random = new Random(seed);
    this.vocabularySize = vocabularySize;
    this.longest = capacity * 2 / 3;
  }

  GenerationRequest next(long nowNanos) {
    return new GenerationRequest(
        Long.toString(made++),
        1 + random.nextInt(3),
        prompt(),
        sampling(),
        random.nextInt(PRIORITIES),
        deadline(nowNanos),
        "tenant" + random.nextInt(TENANTS),
        random.nextInt(10) == 0 ? "salt" : "");
  }

  /** Plain greedy requests that run to their end, for filling all slots. */
  GenerationRequest plain() {
    var end = new EndConditions(List.of(), Set.of(), true, 0, longest);
    var greedy = new SamplingParameters(0, 1, 0, 0, 1, 0, 0, Map.of(), 0, end, false, 0);
    return new GenerationRequest(
        Long.toString(made++), 1, new int[] {1}, greedy, 0, Batchable.NO_DEADLINE, "", "");
  }

  private int[] prompt() {
    int[] tokens = new int[length()];
    int shared = random.nextInt(3) == 0 ? random.nextInt(tokens.length + 1) : 0;
    var prefix = new Random(random.nextInt(PREFIXES));
    for (int index = 0; index < tokens.length; index++) {
      tokens[index] = (index < shared ? prefix : random).nextInt(vocabularySize);
    }
    return tokens;
  }

  /** Short ones more often than long ones. */
  private int length() {
    return 1 + random.nextInt(1 + random.nextInt(longest));
  }

  private SamplingParameters sampling() {
    boolean greedy = random.nextInt(3) == 0;
    boolean logprobs = random.nextInt(5) == 0;
    boolean penalties = random.nextInt(4) == 0;
    return new SamplingParameters(
        greedy ? 0 : 0.2 + random.nextDouble(),
        random.nextBoolean() ? 1 : 0.5 + random.nextDouble() / 2,
        random.nextBoolean() ? 0 : 1 + random.nextInt(50),
        random.nextInt(4) == 0 ? 0.05 : 0,
        penalties ? 1.1 : 1,
        penalties ? 0.3 : 0,
        penalties ? 0.2 : 0,
        random.nextInt(8) == 0 ? Map.of(random.nextInt(vocabularySize), 3.0) : Map.of(),
        random.nextLong(),
        end(),
        logprobs,
        logprobs ? random.nextInt(5) : 0);
  }

  private EndConditions end() {
    int most = length();
    return new EndConditions(
        random.nextInt(3) == 0 ? STOPS.get(random.nextInt(STOPS.size())) : List.of(),
        random.nextInt(8) == 0 ? Set.of(random.nextInt(vocabularySize)) : Set.of(),
        random.nextBoolean(),
        random.nextInt(8) == 0 ? random.nextInt(most + 1) : 0,
        most);
  }

  /** So soon that some expire while they wait and some while they run. */
  private long deadline(long nowNanos) {
    return random.nextInt(8) == 0 ? nowNanos + random.nextLong(20_000_000) : Batchable.NO_DEADLINE;
  }
}
