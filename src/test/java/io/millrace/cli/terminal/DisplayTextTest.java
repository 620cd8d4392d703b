package io.millrace.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DisplayTextTest {

  @Test
  void leaves_no_control_character_to_the_terminal() {
    assertThat(DisplayText.printable("a\033[31mb\nc\td\u0007\u009b")).isEqualTo("a [31mb c d");
  }

  @Test
  void counts_two_cells_for_wide_characters_and_none_for_combining_marks() {
    assertThat(DisplayText.width("abc")).isEqualTo(3);
    assertThat(DisplayText.width("注文")).isEqualTo(4);
    assertThat(DisplayText.width("🙂")).isEqualTo(2);
    assertThat(DisplayText.width("e\u0301")).isEqualTo(1);
  }

  @Test
  void cuts_only_what_does_not_fit() {
    assertThat(DisplayText.cut("order 4711", 10)).isEqualTo("order 4711");
    assertThat(DisplayText.cut("order 47112", 10)).isEqualTo("order 471…");
    assertThat(DisplayText.cut("注文番号", 6)).isEqualTo("注文…");
  }

  @Test
  void shows_the_end_of_what_does_not_fit_from_a_word_on() {
    assertThat(DisplayText.tail("order 4711", 10)).isEqualTo("order 4711");
    assertThat(DisplayText.tail("it is on its way", 10)).isEqualTo("… its way");
    assertThat(DisplayText.tail("abcdefghijklm", 10)).isEqualTo("… fghijklm");
  }

  @Test
  void wraps_at_spaces() {
    assertThat(DisplayText.wrap("your order is on its way", 10))
        .containsExactly("your order", "is on its", "way");
  }

  @Test
  void breaks_a_word_that_is_wider_than_the_line() {
    assertThat(DisplayText.wrap("abcdefghijkl mn", 5)).containsExactly("abcde", "fghij", "kl mn");
  }

  @Test
  void wraps_nothing_to_one_empty_line() {
    assertThat(DisplayText.wrap("", 5)).containsExactly("");
  }
}
