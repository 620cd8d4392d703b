package io.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DraftsTest {

  private final int[] destination = new int[8];

  private int[] draft(Drafts drafts, int most) {
    int count = drafts.draft(destination, 1, most);
    return Arrays.copyOfRange(destination, 1, 1 + count);
  }

  @Test
  void followsAnEarlierAttemptToItsEnd() {
    var drafts = new Drafts(new int[] {1, 2}, new int[] {5, 6, 7, 8});
    assertThat(draft(drafts, 3)).containsExactly(5, 6, 7);
    assertThat(drafts.match()).isEqualTo(Drafts.EARLIER_ATTEMPT);
    drafts.add(5);
    drafts.add(6);
    assertThat(draft(drafts, 3)).containsExactly(7, 8);
    drafts.add(7);
    drafts.add(8);
    assertThat(draft(drafts, 3)).isEmpty();
  }

  @Test
  void leavesItForGoodWhereItGoesAnotherWay() {
    var drafts = new Drafts(new int[] {1, 2}, new int[] {5, 6, 7, 8});
    drafts.add(5);
    drafts.add(9);
    assertThat(draft(drafts, 3)).isEmpty();
    drafts.add(7);
    assertThat(draft(drafts, 3)).isEmpty();
  }

  @Test
  void looksInPromptAndCompletionBehindIt() {
    var drafts = new Drafts(new int[] {1, 2, 3, 4, 1, 2, 3}, new int[] {4});
    drafts.add(4);
    assertThat(draft(drafts, 3)).containsExactly(1, 2, 3);
    assertThat(drafts.match()).isEqualTo(4);
  }
}
