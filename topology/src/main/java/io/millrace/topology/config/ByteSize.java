package io.millrace.topology.config;

import java.util.Map;
import java.util.regex.Pattern;

/** A number of bytes, written as {@code 1MiB}, {@code 512KiB} or {@code 1000}. */
public record ByteSize(long bytes) {

  private static final Pattern FORM = Pattern.compile("(\\d{1,15})\\s*([A-Za-z]*)");
  private static final Map<String, Long> UNITS =
      Map.of(
          "",
          1L,
          "B",
          1L,
          "KiB",
          1L << 10,
          "MiB",
          1L << 20,
          "GiB",
          1L << 30,
          "kB",
          1_000L,
          "MB",
          1_000_000L,
          "GB",
          1_000_000_000L);

  /**
   * @throws IllegalArgumentException if the text is not a size
   */
  public static ByteSize parse(String text) {
    var match = FORM.matcher(text.strip());
    if (!match.matches() || !UNITS.containsKey(match.group(2))) {
      throw new IllegalArgumentException("a size such as 1MiB, 512KiB or 1000");
    }
    return new ByteSize(
        Math.multiplyExact(Long.parseLong(match.group(1)), UNITS.get(match.group(2))));
  }

  @Override
  public String toString() {
    if (bytes > 0 && bytes % (1L << 20) == 0) {
      return (bytes >> 20) + "MiB";
    }
    return bytes > 0 && bytes % (1L << 10) == 0 ? (bytes >> 10) + "KiB" : Long.toString(bytes);
  }
}
