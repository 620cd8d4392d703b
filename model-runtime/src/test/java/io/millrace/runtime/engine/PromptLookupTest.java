package io.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromptLookupTest {

  private static List<Integer> draft(PromptLookup lookup, int most) {
    int[] tokens = new int[1 + most];
    int count = lookup.draft(tokens, 1, most);
    return Arrays.stream(tokens, 1, 1 + count).boxed().toList();
  }

  @Test
  void draftsWhatFollowedTheLastTokensBefore() {
    var lookup = new PromptLookup(new int[] {1, 2, 3, 4, 5, 6, 9, 2, 3});
    assertThat(draft(lookup, 3)).containsExactly(4, 5, 6);
    assertThat(lookup.match()).isEqualTo(2);
  }

  @Test
  void oneTokenInCommonSaysNothing() {
    assertThat(draft(new PromptLookup(new int[] {1, 2, 3, 4, 9, 2}), 3)).isEmpty();
    assertThat(draft(new PromptLookup(new int[] {2}), 3)).isEmpty();
  }

  @Test
  void theLongestMatchCounts() {
    var lookup = new PromptLookup(new int[] {7, 1, 2, 3, 40, 8, 2, 3, 50, 7, 1, 2, 3});
    assertThat(draft(lookup, 1)).containsExactly(40);
    assertThat(lookup.match()).isEqualTo(4);
  }

  @Test
  void ofMatchesOfOneLengthTheLastCounts() {
    var lookup = new PromptLookup(new int[] {2, 3, 40, 8, 2, 3, 50, 9, 2, 3});
    assertThat(draft(lookup, 1)).containsExactly(50);
  }

  @Test
  void aMatchIsNoLongerThanItSays() {
    int[] twice = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    var lookup = new PromptLookup(twice);
    assertThat(draft(lookup, 2)).containsExactly(11, 1);
    assertThat(lookup.match()).isEqualTo(PromptLookup.LONGEST_MATCH);
  }

  @Test
  void whatRepeatsItselfToTheEndGoesOn() {
    assertThat(draft(new PromptLookup(new int[] {5, 1, 2, 3, 1, 2, 3, 1, 2}), 7))
        .containsExactly(3, 1, 2, 3, 1, 2, 3);
    assertThat(draft(new PromptLookup(new int[] {4, 4, 4}), 3)).containsExactly(4, 4, 4);
  }

  @Test
  void theCompletionIsLookedThroughToo() {
    var lookup = new PromptLookup(new int[] {1});
    for (int token = 2; token < 200; token++) {
      lookup.add(token);
    }
    lookup.add(50);
    lookup.add(51);
    assertThat(draft(lookup, 2)).containsExactly(52, 53);
  }
}
