package io.millrace.runtime.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NvidiaLibraryTest {

  @Test
  void readsTheVersionsThatEachLibraryTellsInItsOwnWay() {
    assertThat(NvidiaLibrary.inThousands(13_000)).isEqualTo("13.0");
    assertThat(NvidiaLibrary.inThousands(12_080)).isEqualTo("12.8");
    assertThat(NvidiaLibrary.inTenThousands(101_501)).isEqualTo("10.15.1");
    assertThat(NvidiaLibrary.inTenThousands(92_600)).isEqualTo("9.26.0");
  }

  @ParameterizedTest
  @EnumSource
  void isDescribedByVersionOrByTheNameOfWhatIsNotThere(NvidiaLibrary library) {
    assertThat(NvidiaLibrary.describe(List.of(library)))
        .matches(
            library.version().isPresent() ? ".* [0-9.]+" : "not found: .* \\(.*\\.(so|dll).*\\)");
  }

  @Test
  void withoutADriverThereIsNoGpu() {
    assumeTrue(NvidiaLibrary.DRIVER.lookUp().isEmpty(), "there is a driver");

    assertThatThrownBy(() -> Gpu.find(0))
        .isInstanceOf(CudaException.class)
        .hasMessageMatching("not found: (driver|CUDA runtime) \\(.*\\)");
  }

  @Test
  void aGpuIsDescribedByNameAndMemory() {
    assertThat(new Gpu(0, "NVIDIA H200", 150_121_545_728L).describe())
        .isEqualTo("NVIDIA H200, 140 GiB");
  }
}
