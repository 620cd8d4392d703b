package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepThreadsTest {

  @TempDir Path processors;

  private void processor(int number, String siblings) throws IOException {
    var topology = Files.createDirectories(processors.resolve("cpu" + number + "/topology"));
    Files.writeString(topology.resolve("thread_siblings_list"), siblings);
  }

  @Test
  void processorsOfOneCoreAreOne() throws IOException {
    processor(0, "0,2\n");
    processor(1, "1,3\n");
    processor(2, "0,2\n");
    processor(3, "1,3\n");
    Files.createDirectories(processors.resolve("cpufreq"));
    assertThat(StepThreads.coresOf(processors, _ -> true, 4)).isEqualTo(2);
  }

  @Test
  void thereAreNoMoreThanTheProcessMayUse() throws IOException {
    for (int number = 0; number < 8; number++) {
      processor(number, number + "\n");
    }
    assertThat(StepThreads.coresOf(processors, _ -> true, 3)).isEqualTo(3);
  }

  @Test
  void coresThatTheProcessMayNotRunOnDoNotCount() throws IOException {
    processor(0, "0,2\n");
    processor(1, "1,3\n");
    processor(2, "0,2\n");
    processor(3, "1,3\n");
    assertThat(StepThreads.coresOf(processors, StepThreads.in("0,2"), 4)).isEqualTo(1);
    assertThat(StepThreads.coresOf(processors, StepThreads.in("1-2"), 4)).isEqualTo(2);
  }

  @Test
  void whereCoresCannotBeCountedEveryProcessorIsOne() throws IOException {
    assertThat(StepThreads.coresOf(processors, _ -> true, 6)).isEqualTo(6);
    assertThat(StepThreads.coresOf(processors.resolve("absent"), _ -> true, 5)).isEqualTo(5);
    Files.createDirectories(processors.resolve("cpu0"));
    assertThat(StepThreads.coresOf(processors, _ -> true, 4)).isEqualTo(4);
  }

  @Test
  void aNumberIsTakenAsItIs() {
    assertThat(StepThreads.of(7)).isEqualTo(7);
    assertThat(StepThreads.of(0)).isPositive();
  }
}
