package io.millrace.runtime.bench;

import java.util.Random;
import java.util.regex.Pattern;

/**
 * Lengths of prompts or completions, equally distributed.
 *
 * @param least tokens, 1 or more
 * @param most tokens
 */
public record Lengths(int least, int most) {

  private static final Pattern FORM = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");

  /**
   * @throws IllegalArgumentException if there is no such length
   */
  public Lengths {
    if (least < 1 || most < least) {
      throw new IllegalArgumentException("lengths from %d to %d".formatted(least, most));
    }
  }

  /**
   * Reads {@code 64} or {@code 32-96}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static Lengths parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("lengths are written as 64 or 32-96, not " + text);
    }
    int least = Integer.parseInt(form.group(1));
    return new Lengths(least, form.group(2) == null ? least : Integer.parseInt(form.group(2)));
  }

  int draw(Random random) {
    return random.nextInt(least, most + 1);
  }
}
