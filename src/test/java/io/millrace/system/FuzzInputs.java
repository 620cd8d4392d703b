package io.millrace.system;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.events.Task;
import io.millrace.schemas.GeneratedClasses;
import io.millrace.schemas.ValueFormat;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Records that were valid prompts before something was done to them. Each depends on the seed and
 * its number alone, so that any one can be made again.
 */
final class FuzzInputs {

  /** The header that says which one it is; all events of a prompt have it. */
  static final String NUMBER = "fuzz-number";

  static final int LARGEST_BYTES = 10 << 20;

  /** One in so many is large, and one in so many of those is of the largest. */
  private static final int LARGE_ONE_IN = 1_000;

  private static final int LARGEST_ONE_IN = 10;

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

  /** Lengths that lie, as Avro writes them. */
  private static final byte[][] LENGTHS = {
    varint(Integer.MAX_VALUE),
    varint(Integer.MAX_VALUE - 8),
    varint(Integer.MIN_VALUE),
    varint(Long.MAX_VALUE),
    varint(Long.MIN_VALUE),
    varint(-1),
    varint(400_000_000),
    varint(50_000_000),
    varint(1_000_000),
    {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}
  };

  private static final byte[][] NO_UTF_8 = {
    {(byte) 0xc0, (byte) 0x80},
    {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
    {(byte) 0xff},
    {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80},
    {(byte) 0xe2, (byte) 0x82},
    {0}
  };

  private static final String[] JSON = {
    "1e999999",
    "-1e-999999",
    "1e2147483647",
    "9".repeat(900),
    "9".repeat(20_000),
    "0." + "3".repeat(900),
    "NaN",
    "-0",
    "01",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"+999999999-12-31T23:59:59Z\"",
    "\"-999999999-01-01T00:00:00Z\"",
    "\"2026-02-30T00:00:00Z\"",
    "true",
    "null",
    "{}",
    "[]",
    "[[]]",
    "{\"type\":\"text\"}",
    "9223372036854775808",
    "1.0",
    "2147483648"
  };

  private final ValueFormat format;
  private final String topic;
  private final Serializer<Prompt> serializer;
  private final long seed;

  private final List<BiFunction<byte[], SplittableRandom, byte[]>> mutations =
      List.of(
          (bytes, random) -> bytes,
          FuzzInputs::flip,
          FuzzInputs::cut,
          (bytes, random) -> overwrite(bytes, random(random, random.nextInt(1, 12)), random),
          (bytes, random) -> insert(bytes, random(random, random.nextInt(1, 40)), random),
          FuzzInputs::delete,
          FuzzInputs::repeat,
          (bytes, random) -> overwrite(bytes, pick(LENGTHS, random), random),
          (bytes, random) -> insert(bytes, pick(LENGTHS, random), random),
          (bytes, random) -> overwrite(bytes, pick(NO_UTF_8, random), random),
          (bytes, random) -> insert(bytes, pick(NO_UTF_8, random), random),
          this::disguise,
          this::wrongSchemaOrNesting);

  /**
   * @param serializer writes prompts in the format
   */
  FuzzInputs(ValueFormat format, String topic, Serializer<Prompt> serializer, long seed) {
    GeneratedClasses.trust();
    this.format = format;
    this.topic = topic;
    this.serializer = serializer;
    this.seed = seed;
  }

  /**
   * @param partition to which it is to go
   */
  ProducerRecord<byte[], byte[]> at(int number, int partition) {
    var random = new SplittableRandom(seed * 1_000_003 + number);
    var headers = new RecordHeaders();
    headers.add(NUMBER, ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    if (random.nextInt(50) == 0) {
      return new ProducerRecord<>(
          topic, partition, key(random), random.nextBoolean() ? null : new byte[0], headers);
    }
    if (random.nextInt(20) == 0) {
      addHeaders(headers, random);
    }
    var prompt = prompt(number, random);
    byte[] value;
    if (random.nextInt(LARGE_ONE_IN) == 0) {
      value = large(prompt, random);
    } else {
      if (random.nextInt(3) == 0) {
        oddFields(prompt, random);
      }
      value = write(prompt);
      for (int times = random.nextInt(3); times > 0; times--) {
        value = mutations.get(random.nextInt(mutations.size())).apply(value, random);
      }
    }
    return new ProducerRecord<>(topic, partition, key(random), value, headers);
  }

  /** What the serializer refuses to write is no input of a processor. */
  private byte[] write(Prompt prompt) {
    try {
      return serializer.serialize(topic, prompt);
    } catch (RuntimeException refused) {
      return new byte[] {1};
    }
  }

  private static Prompt prompt(int number, SplittableRandom random) {
    var sampling = Sampling.newBuilder().setMaxCompletionTokens(random.nextInt(1, 4));
    if (random.nextBoolean()) {
      sampling.setTemperature(random.nextDouble(2)).setTopP(0.9).setTopK(40).setSeed(7L);
    }
    if (random.nextInt(4) == 0) {
      sampling
          .setStop(List.of("end", "\n"))
          .setLogitBias(Map.of("7", 1.5))
          .setLogprobs(true)
          .setTopLogprobs(3);
    }
    var prompt =
        Prompt.newBuilder()
            .setRequestId("r" + number)
            .setSampling(sampling.build())
            .setMetadata(random.nextBoolean() ? Map.of("order", "17") : Map.of());
    if (random.nextInt(3) == 0) {
      prompt.setTask(Task.COMPLETE).setText("Where is order " + number);
    } else {
      prompt.setMessages(List.of(message("system", "Be brief."), message("user", "Hello")));
    }
    if (random.nextInt(3) == 0) {
      prompt.setConversationId("c" + random.nextInt(50)).setTenant("t" + random.nextInt(5));
    }
    if (random.nextInt(10) == 0) {
      prompt.setDeadline(Instant.ofEpochMilli(2_000_000_000_000L)).setPriority(random.nextInt(9));
    }
    return prompt.build();
  }

  private static Message message(String role, String content) {
    return Message.newBuilder().setRole(role).setContent(content).build();
  }

  private static void oddFields(Prompt prompt, SplittableRandom random) {
    for (int times = random.nextInt(1, 4); times > 0; times--) {
      oddField(prompt, random);
    }
  }

  private static void oddField(Prompt prompt, SplittableRandom random) {
    var text = TEXTS[random.nextInt(TEXTS.length)];
    var number = DOUBLES[random.nextInt(DOUBLES.length)];
    long whole = LONGS[random.nextInt(LONGS.length)];
    var sampling = prompt.getSampling();
    switch (random.nextInt(20)) {
      case 0 -> prompt.setRequestId(random.nextBoolean() ? text : "the-same");
      case 1 -> prompt.setConversationId(text);
      case 2 -> prompt.setTenant(text);
      case 3 -> prompt.setModel(text);
      case 4 -> prompt.setTask(pick(Task.values(), random));
      case 5 -> prompt.setText(text);
      case 6 -> prompt.setMessages(List.of(message(text, "x")));
      case 7 -> prompt.setMessages(List.of(message("user", text)));
      case 8 ->
          prompt.setMessages(
              IntStream.range(0, random.nextInt(400)).mapToObj(i -> message("user", "x")).toList());
      case 9 -> prompt.setDeadline(Instant.ofEpochMilli(whole));
      case 10 -> prompt.setPriority((int) whole);
      case 11 -> prompt.setResponseFormat("[".repeat(random.nextInt(3_000)) + text);
      case 12 -> prompt.setMetadata(labels(text, random.nextInt(100)));
      case 13 -> sampling.setTemperature(number);
      case 14 -> sampling.setTopP(number);
      case 15 -> sampling.setRepetitionPenalty(number);
      case 16 -> sampling.setStop(List.of(text, "x", text));
      case 17 -> sampling.setStopTokenIds(List.of((int) whole));
      case 18 -> sampling.setLogitBias(new HashMap<>(Map.of(text, number, "3", number)));
      default -> {
        sampling.setTopK((int) whole);
        sampling.setSeed(whole);
        sampling.setMinTokens((int) whole);
        sampling.setTopLogprobs((int) whole);
      }
    }
  }

  private static Map<String, String> labels(String text, int count) {
    return IntStream.range(0, count)
        .boxed()
        .collect(Collectors.toMap(i -> text + i, i -> text, (a, b) -> b, HashMap::new));
  }

  /** Near the limits, beyond them, and up to the largest. */
  private byte[] large(Prompt prompt, SplittableRandom random) {
    int most = random.nextInt(LARGEST_ONE_IN) == 0 ? LARGEST_BYTES - 4_096 : 600_000;
    int length = random.nextInt(100_000, most);
    var piece =
        switch (random.nextInt(6)) {
          case 0 -> "a";
          case 1 -> " ";
          case 2 -> "Where is order 48213? ";
          case 3 -> "\n";
          case 4 -> "0123456789";
          default -> "é";
        };
    var text = piece.repeat(length / piece.getBytes(UTF_8).length);
    if (random.nextBoolean()) {
      prompt.setText(null);
      prompt.setTask(Task.CHAT);
      prompt.setMessages(List.of(message("user", text)));
    } else {
      prompt.setMessages(null);
      prompt.setTask(Task.COMPLETE);
      prompt.setText(text);
    }
    var value = write(prompt);
    return value.length <= LARGEST_BYTES ? value : Arrays.copyOf(value, LARGEST_BYTES);
  }

  private static byte @Nullable [] key(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> null;
      case 1 -> new byte[0];
      case 2 -> random(random, random.nextInt(500));
      case 3 -> random.nextInt(20) == 0 ? random(random, random.nextInt(100_000)) : new byte[] {7};
      default -> ("customer-" + random.nextInt(100)).getBytes(UTF_8);
    };
  }

  private static void addHeaders(Headers headers, SplittableRandom random) {
    for (int count = random.nextInt(30); count > 0; count--) {
      headers.add(
          random.nextBoolean() ? "" : "header-" + count,
          random.nextInt(3) == 0 ? null : random(random, random.nextInt(4_000)));
    }
  }

  private byte[] wrongSchemaOrNesting(byte[] bytes, SplittableRandom random) {
    if (format == ValueFormat.JSON) {
      int depth = random.nextInt(1, 60_000);
      var open = random.nextBoolean() ? "[" : "{\"a\":";
      return insert(bytes, open.repeat(depth).getBytes(UTF_8), random);
    }
    if (bytes.length < 5) {
      return bytes;
    }
    var changed = bytes.clone();
    int id = random.nextBoolean() ? random.nextInt(12) : (int) LONGS[random.nextInt(LONGS.length)];
    ByteBuffer.wrap(changed).putInt(1, id);
    return changed;
  }

  /** In JSON: values of other kinds, keys twice, other encodings. */
  private byte[] disguise(byte[] bytes, SplittableRandom random) {
    if (format != ValueFormat.JSON) {
      return insert(bytes, random(random, 3), random);
    }
    var json = new String(bytes, UTF_8);
    return switch (random.nextInt(5)) {
      case 0 -> json.getBytes(UTF_16BE);
      case 1 -> ("\ufeff" + json).getBytes(UTF_8);
      case 2 -> json.replaceFirst("\\{", "{\"request_id\":\"twice\",").getBytes(UTF_8);
      default -> {
        int colon = json.indexOf(':', random.nextInt(Math.max(1, json.length())));
        int end = json.indexOf(',', Math.max(0, colon));
        yield colon < 0 || end < 0
            ? bytes
            : (json.substring(0, colon + 1) + pick(JSON, random) + json.substring(end))
                .getBytes(UTF_8);
      }
    };
  }

  private static byte[] flip(byte[] bytes, SplittableRandom random) {
    var changed = bytes.clone();
    for (int times = random.nextInt(1, 9); times > 0 && bytes.length > 0; times--) {
      changed[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return changed;
  }

  private static byte[] cut(byte[] bytes, SplittableRandom random) {
    return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
  }

  private static byte[] overwrite(byte[] bytes, byte[] with, SplittableRandom random) {
    var changed = bytes.clone();
    int at = random.nextInt(bytes.length + 1);
    System.arraycopy(with, 0, changed, at, Math.min(with.length, bytes.length - at));
    return changed;
  }

  private static byte[] insert(byte[] bytes, byte[] more, SplittableRandom random) {
    int at = random.nextInt(bytes.length + 1);
    return ByteBuffer.allocate(bytes.length + more.length)
        .put(bytes, 0, at)
        .put(more)
        .put(bytes, at, bytes.length - at)
        .array();
  }

  private static byte[] delete(byte[] bytes, SplittableRandom random) {
    int from = random.nextInt(bytes.length + 1);
    int to = from + random.nextInt(bytes.length - from + 1);
    return ByteBuffer.allocate(bytes.length - (to - from))
        .put(bytes, 0, from)
        .put(bytes, to, bytes.length - to)
        .array();
  }

  private static byte[] repeat(byte[] bytes, SplittableRandom random) {
    int from = random.nextInt(bytes.length + 1);
    int to = from + random.nextInt(bytes.length - from + 1);
    return insert(bytes, Arrays.copyOfRange(bytes, from, to), random);
  }

  private static byte[] random(SplittableRandom random, int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static <T> T pick(T[] all, SplittableRandom random) {
    return all[random.nextInt(all.length)];
  }

  private static byte[] varint(long number) {
    long zigzag = (number << 1) ^ (number >> 63);
    var bytes = ByteBuffer.allocate(10);
    while ((zigzag & ~0x7fL) != 0) {
      bytes.put((byte) ((zigzag & 0x7f) | 0x80));
      zigzag >>>= 7;
    }
    bytes.put((byte) zigzag);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }
}
