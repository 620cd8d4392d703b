package io.millrace.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SlotAllocatorTest {

  @Test
  void releasingTheLastRowMovesNothing() {
    var slots = new SlotAllocator(2);
    slots.allocate();
    int last = slots.allocate();
    assertThat(slots.release(last)).isEmpty();
  }

  @Test
  void releasingAnEarlierRowMovesTheLastOneIntoTheGap() {
    var slots = new SlotAllocator(3);
    slots.allocate();
    slots.allocate();
    slots.allocate();
    assertThat(slots.release(0)).contains(new SlotAllocator.Move(2, 0));
    assertThat(slots.used()).isEqualTo(2);
  }

  @Test
  void misuseIsRefused() {
    var slots = new SlotAllocator(1);
    assertThatThrownBy(() -> slots.release(0)).isInstanceOf(IllegalArgumentException.class);
    slots.allocate();
    assertThatThrownBy(slots::allocate).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new SlotAllocator(0)).isInstanceOf(IllegalArgumentException.class);
  }

  /** Replays any sequence of allocations and releases against a list of owners. */
  @Property
  void noOwnerEverLosesItsRow(@ForAll @Size(max = 200) List<Integer> operations) {
    var slots = new SlotAllocator(8);
    List<Integer> ownerOfRow = new ArrayList<>();
    int nextOwner = 0;
    var expected = new HashSet<Integer>();
    for (int operation : operations) {
      boolean release = operation < 0 && !ownerOfRow.isEmpty();
      if (release) {
        int slot = Math.floorMod(operation, ownerOfRow.size());
        expected.remove(ownerOfRow.get(slot));
        slots
            .release(slot)
            .ifPresent(move -> ownerOfRow.set(move.to(), ownerOfRow.get(move.from())));
        ownerOfRow.removeLast();
      } else if (slots.hasFree()) {
        assertThat(slots.allocate()).isEqualTo(ownerOfRow.size());
        expected.add(nextOwner);
        ownerOfRow.add(nextOwner++);
      }
      assertThat(slots.used()).isEqualTo(ownerOfRow.size());
      assertThat(ownerOfRow).containsExactlyInAnyOrderElementsOf(expected);
    }
  }
}
