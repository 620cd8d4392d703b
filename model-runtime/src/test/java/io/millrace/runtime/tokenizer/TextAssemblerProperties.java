package io.millrace.runtime.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;

class TextAssemblerProperties {

  /** However the bytes are cut, the text is the same, and each piece is whole. */
  @Property
  void joinedPiecesAreTheText(@ForAll @StringLength(max = 40) String any, @ForAll long seed) {
    byte[] bytes = any.getBytes(StandardCharsets.UTF_8);
    var text = new String(bytes, StandardCharsets.UTF_8);
    byte[][] tokens = cut(bytes, new Random(seed));
    var assembler = new TextAssembler(new Vocabulary(tokens, false, Set.of()), List.of());
    var joined = new StringBuilder();
    for (int token = 0; token < tokens.length; token++) {
      var piece = assembler.add(token);
      assertThat(text).startsWith(joined + piece);
      joined.append(piece);
    }
    joined.append(assembler.finish());
    assertThat(joined.toString()).isEqualTo(text);
  }

  /** Against the definition: everything before the first stop string in the whole text. */
  @Property
  void endsBeforeTheFirstStopString(@ForAll long seed) {
    var random = new Random(seed);
    var letters = new StringBuilder();
    random.ints(30, 'a', 'd').forEach(letters::appendCodePoint);
    var text = letters.toString();
    List<String> stops = List.of("abc", "cab", "bbb", "ccaa");
    int end = stops.stream().mapToInt(text::indexOf).filter(at -> at >= 0).min().orElse(30);
    byte[][] tokens = cut(text.getBytes(StandardCharsets.UTF_8), random);
    var assembler = new TextAssembler(new Vocabulary(tokens, false, Set.of()), stops);
    var joined = new StringBuilder();
    for (int token = 0; token < tokens.length && !assembler.isStopped(); token++) {
      joined.append(assembler.add(token));
    }
    joined.append(assembler.finish());
    assertThat(joined.toString()).isEqualTo(text.substring(0, end));
  }

  private static byte[][] cut(byte[] bytes, Random random) {
    List<byte[]> tokens = new ArrayList<>();
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + 1 + random.nextInt(5));
      tokens.add(Arrays.copyOfRange(bytes, from, to));
      from = to;
    }
    return tokens.toArray(byte[][]::new);
  }
}
