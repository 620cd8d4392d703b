package io.millrace.runtime.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TextAssemblerTest {

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Vocabulary vocabulary(boolean stripsLeadingSpace, String... tokens) {
    return new Vocabulary(
        Stream.of(tokens).map(TextAssemblerTest::utf8).toArray(byte[][]::new),
        stripsLeadingSpace,
        Set.of());
  }

  private static TextAssembler assembler(List<String> stops, String... tokens) {
    return new TextAssembler(vocabulary(false, tokens), stops);
  }

  @Test
  void aCharacterThatSpansTokensComesWhole() {
    byte[] truck = utf8("🚚");
    byte[][] bytes = {{'a', truck[0]}, {truck[1], truck[2]}, {truck[3], 'b'}};
    var text = new TextAssembler(new Vocabulary(bytes, false, Set.of()), List.of());
    assertThat(text.add(0)).isEqualTo("a");
    assertThat(text.isHoldingBack()).isTrue();
    assertThat(text.add(1)).isEmpty();
    assertThat(text.add(2)).isEqualTo("🚚b");
    assertThat(text.isHoldingBack()).isFalse();
    assertThat(text.finish()).isEmpty();
  }

  @Test
  void aCharacterThatStaysIncompleteIsReplacedAtTheEnd() {
    byte[][] bytes = {{'a', (byte) 0xe2, (byte) 0x82}};
    var text = new TextAssembler(new Vocabulary(bytes, false, Set.of()), List.of());
    assertThat(text.add(0)).isEqualTo("a");
    assertThat(text.finish()).isEqualTo("\ufffd");
  }

  @Test
  void bytesThatAreNoTextAreReplacedAtOnce() {
    byte[][] bytes = {{(byte) 0xff, 'x'}};
    var text = new TextAssembler(new Vocabulary(bytes, false, Set.of()), List.of());
    assertThat(text.add(0)).isEqualTo("\ufffdx");
  }

  @Test
  void theTextEndsBeforeAStopStringAcrossTokens() {
    var text = assembler(List.of("END", "###"), "one E", "N", "D two");
    assertThat(text.add(0)).isEqualTo("one ");
    assertThat(text.add(1)).isEmpty();
    assertThat(text.add(2)).isEmpty();
    assertThat(text.isStopped()).isTrue();
    assertThat(text.isHoldingBack()).isFalse();
    assertThat(text.finish()).isEmpty();
    assertThatThrownBy(() -> text.add(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatLookedLikeAStopStringIsGivenOutOnceItIsNot() {
    var text = assembler(List.of("END"), "one E", "N", "ergy EN");
    assertThat(text.add(0)).isEqualTo("one ");
    assertThat(text.add(1)).isEmpty();
    assertThat(text.add(2)).isEqualTo("ENergy ");
    assertThat(text.finish()).isEqualTo("EN");
  }

  @Test
  void theFirstOfSeveralStopStringsCounts() {
    var text = assembler(List.of("c", "bcd"), "ab", "cd");
    assertThat(text.add(0)).isEqualTo("a");
    assertThat(text.add(1)).isEmpty();
    assertThat(text.isStopped()).isTrue();
  }

  @Test
  void aStopStringThatOverlapsItselfIsFound() {
    var text = assembler(List.of("aab"), "a", "a", "a", "b");
    assertThat(text.add(0)).isEmpty();
    assertThat(text.add(1)).isEmpty();
    assertThat(text.add(2)).isEqualTo("a");
    assertThat(text.add(3)).isEmpty();
    assertThat(text.isStopped()).isTrue();
  }

  @Test
  void onlyTheVeryFirstSpaceIsStripped() {
    var text = new TextAssembler(vocabulary(true, "", " a", " b"), List.of());
    assertThat(text.add(0)).isEmpty();
    assertThat(text.add(1)).isEqualTo("a");
    assertThat(text.add(2)).isEqualTo(" b");
  }

  @Test
  void unknownTokensAddNothing() {
    assertThat(assembler(List.of(), "a").add(99)).isEmpty();
  }
}
