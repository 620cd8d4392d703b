package io.millrace.topology.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class WithoutMessageTest {

  @Test
  void classesAndPlacesAreKeptAndNoMessageIs() {
    var cause = new IllegalArgumentException("my card is 4711");
    var printed = new StringWriter();
    WithoutMessage.of(new IllegalStateException("near: 4711", cause))
        .printStackTrace(new PrintWriter(printed, true));
    assertThat(printed.toString())
        .contains("java.lang.IllegalStateException")
        .contains("java.lang.IllegalArgumentException")
        .contains("WithoutMessageTest.classesAndPlacesAreKeptAndNoMessageIs")
        .doesNotContain("4711");
  }
}
