package io.millrace.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReasonTest {

  @Test
  void is_the_first_cause() {
    var cause = new UnsatisfiedLinkError("libfoo.so: cannot open shared object file");

    assertThat(Reason.of(new IllegalStateException("not loaded", new RuntimeException(cause))))
        .isEqualTo("UnsatisfiedLinkError: libfoo.so: cannot open shared object file");
  }

  @Test
  void is_told_by_its_class_where_it_has_no_message() {
    assertThat(Reason.of(new ExceptionInInitializerError((String) null)))
        .isEqualTo("ExceptionInInitializerError");
  }
}
