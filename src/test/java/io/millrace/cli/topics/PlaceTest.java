package io.millrace.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceTest {

  @Test
  void reads_what_it_writes() {
    var place = new Place("millrace.my-errors", 3, 1_234_567_890_123L);
    assertThat(place).hasToString("millrace.my-errors-3@1234567890123");
    assertThat(Place.parse(place.toString())).contains(place);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "topic", "topic@3", "topic-x@3", "topic-1@", "-1@2x", "t-9999999999@1"})
  void reads_nothing_else(String written) {
    assertThat(Place.parse(written)).isEmpty();
  }
}
