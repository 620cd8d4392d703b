package io.millrace.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.doctor.Finding.Absent;
import io.millrace.cli.doctor.Finding.Broken;
import io.millrace.cli.doctor.Finding.Doubtful;
import io.millrace.cli.doctor.Finding.Fine;
import io.millrace.runtime.session.ExecutionProvider;
import io.millrace.runtime.session.ProviderCheck;
import io.millrace.runtime.session.ProviderCheck.NotBuilt;
import io.millrace.runtime.session.ProviderCheck.Unusable;
import io.millrace.runtime.session.ProviderCheck.Usable;
import io.millrace.runtime.session.ProviderSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProviderChecksTest {

  private static final ProviderCheck CPU = new Usable(ExecutionProvider.CPU, "amd64, 2 processors");
  private static final ProviderCheck CUDA =
      new Usable(ExecutionProvider.CUDA, "NVIDIA H200, 140 GiB, driver for CUDA 13.0");
  private static final ProviderCheck NO_CUDA =
      new NotBuilt(ExecutionProvider.CUDA, "this ONNX Runtime was built without it");
  private static final ProviderCheck NO_TENSORRT =
      new Unusable(
          ExecutionProvider.TENSORRT,
          "libnvinfer.so.10: cannot open shared object file",
          "CUDA 13.0; not found: TensorRT (libnvinfer.so.10)",
          "install NVIDIA's TensorRT");

  private static List<Finding> findings(String order, ProviderCheck... checks) {
    return ProviderChecks.findings(List.of(checks), ProviderSettings.parseOrder(order));
  }

  @Test
  void a_distribution_without_gpus_is_no_fault() {
    assertThat(findings("auto", NO_CUDA, CPU))
        .containsExactly(
            new Absent("cuda", "not in this distribution"), new Fine("cpu", "amd64, 2 processors"));
    assertThat(findings("cuda,cpu", NO_CUDA, CPU)).hasOnlyElementsOfTypes(Absent.class, Fine.class);
  }

  @Test
  void a_missing_library_is_named_and_how_to_get_it() {
    assertThat(findings("auto", NO_TENSORRT, CUDA, CPU))
        .element(0)
        .isEqualTo(
            new Doubtful(
                "tensorrt",
                "libnvinfer.so.10: cannot open shared object file; CUDA 13.0; not found: TensorRT"
                    + " (libnvinfer.so.10); to use it, install NVIDIA's TensorRT"));
  }

  @Test
  void a_wanted_provider_that_is_missing_is_broken_if_nothing_stands_in() {
    assertThat(findings("cuda", NO_TENSORRT, NO_CUDA, CPU))
        .hasExactlyElementsOfTypes(Doubtful.class, Broken.class, Fine.class);
    assertThat(findings("tensorrt", NO_TENSORRT, CUDA, CPU))
        .element(0)
        .isInstanceOfSatisfying(
            Broken.class,
            broken -> assertThat(broken.remedy()).isEqualTo("install NVIDIA's TensorRT"));
    assertThat(findings("tensorrt,cuda", NO_TENSORRT, NO_CUDA, CPU))
        .hasExactlyElementsOfTypes(Broken.class, Broken.class, Fine.class);
  }

  @Test
  void what_can_stand_in_keeps_it_from_being_broken() {
    assertThat(findings("tensorrt,cuda", NO_TENSORRT, CUDA, CPU))
        .hasExactlyElementsOfTypes(Doubtful.class, Fine.class, Fine.class);
  }

  @Test
  void every_provider_is_checked_on_this_machine() {
    assertThat(ProviderChecks.run(ProviderSettings.FASTEST))
        .extracting(Finding::subject)
        .containsExactly("tensorrt", "cuda", "cpu");
  }
}
