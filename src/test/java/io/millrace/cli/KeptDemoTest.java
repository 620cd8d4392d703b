package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptDemoTest {

  @TempDir private Path directory;

  @Test
  void is_found_until_it_is_deleted() {
    var kept = demo();
    kept.write("a: 1");
    assertThat(demo().find()).contains(kept.file());

    kept.delete();
    assertThat(demo().find()).isEmpty();
  }

  @Test
  void a_later_demo_is_left_alone() {
    var earlier = demo();
    earlier.write("a: 1");
    var later = demo();
    later.write("a: 2");

    earlier.delete();
    assertThat(later.file()).hasContent("a: 2");
  }

  private KeptDemo demo() {
    return new KeptDemo(Map.of("XDG_STATE_HOME", directory.toString()));
  }
}
