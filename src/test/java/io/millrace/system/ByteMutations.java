package io.millrace.system;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.schemas.ValueFormat;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;

/** Ways to spoil a record's value, some of which know the format that it is in. */
final class ByteMutations {

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

  private final List<BiFunction<byte[], SplittableRandom, byte[]>> all =
      List.of(
          (bytes, random) -> bytes,
          ByteMutations::flip,
          ByteMutations::cut,
          (bytes, random) -> overwrite(bytes, randomBytes(random, random.nextInt(1, 12)), random),
          (bytes, random) -> insert(bytes, randomBytes(random, random.nextInt(1, 40)), random),
          ByteMutations::delete,
          ByteMutations::repeat,
          (bytes, random) -> overwrite(bytes, pick(LENGTHS, random), random),
          (bytes, random) -> insert(bytes, pick(LENGTHS, random), random),
          (bytes, random) -> overwrite(bytes, pick(NO_UTF_8, random), random),
          (bytes, random) -> insert(bytes, pick(NO_UTF_8, random), random),
          this::disguise,
          this::wrongSchemaOrNesting);

  ByteMutations(ValueFormat format) {
    this.format = format;
  }

  /** Applies one of them. */
  byte[] one(byte[] bytes, SplittableRandom random) {
    return all.get(random.nextInt(all.size())).apply(bytes, random);
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
    int id = random.nextBoolean() ? random.nextInt(12) : (int) OddFields.whole(random);
    ByteBuffer.wrap(changed).putInt(1, id);
    return changed;
  }

  /** In JSON: values of other kinds, keys twice, other encodings. */
  private byte[] disguise(byte[] bytes, SplittableRandom random) {
    if (format != ValueFormat.JSON) {
      return insert(bytes, randomBytes(random, 3), random);
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

  static byte[] randomBytes(SplittableRandom random, int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  static <T> T pick(T[] all, SplittableRandom random) {
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
