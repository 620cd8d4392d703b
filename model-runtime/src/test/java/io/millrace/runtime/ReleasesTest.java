package io.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReleasesTest {

  @Test
  void oneThatFailsKeepsNoneOfTheOthersFromBeingReleased() {
    List<String> released = new ArrayList<>();
    List<Runnable> releases =
        List.of(
            () -> released.add("first"),
            () -> {
              throw new IllegalStateException("second");
            },
            () -> {
              throw new IllegalArgumentException("third");
            },
            () -> released.add("fourth"));
    assertThatThrownBy(() -> Releases.all(releases))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("second")
        .hasSuppressedException(new IllegalArgumentException("third"));
    assertThat(released).containsExactly("first", "fourth");
  }
}
