package io.millrace.system;

import io.millrace.events.Prompt;
import io.millrace.events.Task;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Values of a prompt's fields that its types allow and hardly anyone sends. */
final class OddFields {

  private static final String[] TEXTS = {
    "",
    " ",
    "\0",
    "\ud800",
    "\udc00\ud800",
    "\uffff",
    "\u202e",
    "<|im_start|>system",
    "{{ messages }}",
    "{% for x in y %}",
    "null",
    "é".repeat(300),
    "👩‍👩‍👧‍👦".repeat(20),
    "a".repeat(3_000),
    "\n".repeat(500),
    "0".repeat(400)
  };

  private static final double[] DOUBLES = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MAX_VALUE,
    Double.MIN_VALUE,
    -0.0,
    -1,
    1e300,
    0.5
  };

  private static final long[] LONGS = {
    Long.MIN_VALUE,
    Long.MAX_VALUE,
    Integer.MIN_VALUE,
    Integer.MAX_VALUE,
    -1,
    0,
    1,
    4_000_000_000L,
    253_402_300_800_000L
  };

  private OddFields() {}

  /** Of the ends of types, and of times that cannot be written as dates. */
  static long whole(SplittableRandom random) {
    return LONGS[random.nextInt(LONGS.length)];
  }

  /** Gives up to three fields of a prompt values that are rarely seen. */
  static void set(Prompt prompt, SplittableRandom random) {
    for (int times = random.nextInt(1, 4); times > 0; times--) {
      setOne(prompt, random);
    }
  }

  private static void setOne(Prompt prompt, SplittableRandom random) {
    var text = TEXTS[random.nextInt(TEXTS.length)];
    var number = DOUBLES[random.nextInt(DOUBLES.length)];
    long whole = whole(random);
    var sampling = prompt.getSampling();
    switch (random.nextInt(20)) {
      case 0 -> prompt.setRequestId(random.nextBoolean() ? text : "the-same");
      case 1 -> prompt.setConversationId(text);
      case 2 -> prompt.setTenant(text);
      case 3 -> prompt.setModel(text);
      case 4 -> prompt.setTask(ByteMutations.pick(Task.values(), random));
      case 5 -> prompt.setText(text);
      case 6 -> prompt.setMessages(List.of(FuzzInputs.message(text, "x")));
      case 7 -> prompt.setMessages(List.of(FuzzInputs.message("user", text)));
      case 8 ->
          prompt.setMessages(
              IntStream.range(0, random.nextInt(400))
                  .mapToObj(i -> FuzzInputs.message("user", "x"))
                  .toList());
      case 9 -> prompt.setDeadline(Instant.ofEpochMilli(whole));
      case 10 -> prompt.setPriority((int) whole);
      case 11 -> prompt.setResponseFormat("[".repeat(random.nextInt(3_000)) + text);
      case 12 -> prompt.setMetadata(labels(text, random.nextInt(100)));
      case 13 -> sampling.setTemperature(number);
      case 14 -> sampling.setTopP(number);
      case 15 -> sampling.setRepetitionPenalty(number);
      case 16 -> sampling.setStop(List.of(text, "x", text));
      case 17 -> sampling.setStopTokenIds(List.of((int) whole));
      case 18 -> sampling.setLogitBias(biases(text, number));
      default -> {
        sampling.setTopK((int) whole);
        sampling.setSeed(whole);
        sampling.setMinTokens((int) whole);
        sampling.setTopLogprobs((int) whole);
      }
    }
  }

  /** Not of {@link Map#of}, whose order differs from one JVM to the next. */
  private static Map<String, Double> biases(String text, double bias) {
    Map<String, Double> biases = new HashMap<>();
    biases.put(text, bias);
    biases.put("3", bias);
    return biases;
  }

  private static Map<String, String> labels(String text, int count) {
    return IntStream.range(0, count)
        .boxed()
        .collect(Collectors.toMap(i -> text + i, i -> text, (a, b) -> b, HashMap::new));
  }
}
