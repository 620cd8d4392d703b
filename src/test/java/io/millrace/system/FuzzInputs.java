package io.millrace.system;

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
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
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

  private final ByteMutations mutations;
  private final String topic;
  private final Serializer<Prompt> serializer;
  private final long seed;

  /**
   * @param serializer writes prompts in the format
   */
  FuzzInputs(ValueFormat format, String topic, Serializer<Prompt> serializer, long seed) {
    GeneratedClasses.trust();
    this.mutations = new ByteMutations(format);
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
        OddFields.set(prompt, random);
      }
      value = write(prompt);
      for (int times = random.nextInt(3); times > 0; times--) {
        value = mutations.one(value, random);
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

  static Message message(String role, String content) {
    return Message.newBuilder().setRole(role).setContent(content).build();
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
      case 2 -> ByteMutations.randomBytes(random, random.nextInt(500));
      case 3 ->
          random.nextInt(20) == 0
              ? ByteMutations.randomBytes(random, random.nextInt(100_000))
              : new byte[] {7};
      default -> ("customer-" + random.nextInt(100)).getBytes(UTF_8);
    };
  }

  private static void addHeaders(Headers headers, SplittableRandom random) {
    for (int count = random.nextInt(30); count > 0; count--) {
      headers.add(
          random.nextBoolean() ? "" : "header-" + count,
          random.nextInt(3) == 0 ? null : ByteMutations.randomBytes(random, random.nextInt(4_000)));
    }
  }
}
