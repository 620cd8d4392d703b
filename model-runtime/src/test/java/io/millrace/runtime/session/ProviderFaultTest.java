package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderFaultTest {

  /** As of ONNX Runtime 1.29. */
  private static final String NOT_LOADED =
      """
      /onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:1988 onnxruntime::Provider& \
      onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library \
      /opt/ort/libonnxruntime_providers_cuda.so with error: %s
      """;

  @ParameterizedTest
  @CsvSource({
    "libcublasLt.so.13, CUDA libraries",
    "libcurand.so.10, CUDA libraries",
    "libcudart.so.13, CUDA libraries",
    "libcudnn.so.9, cuDNN",
    "libnvinfer.so.10, TensorRT",
    "libnvonnxparser.so.10, TensorRT",
    "libcuda.so.1, driver"
  })
  void namesTheMissingLibraryAndWhoseItIs(String library, String owner) {
    var error = library + ": cannot open shared object file: No such file or directory";
    var fault = ProviderFault.of(new OrtException(NOT_LOADED.formatted(error)));

    assertThat(fault.reason()).isEqualTo(library + ": cannot open shared object file");
    assertThat(fault.remedy()).startsWith("install NVIDIA's " + owner);
  }

  @Test
  void saysWhatElseKeptALibraryFromLoading() {
    var error = "/opt/ort/libx.so: undefined symbol: cudaFoo";

    assertThat(ProviderFault.of(new OrtException(NOT_LOADED.formatted(error))).reason())
        .isEqualTo(error);
  }

  @Test
  void leavesOtherMessagesAsTheyAre() {
    assertThat(ProviderFault.of(new IllegalStateException("no GPU")).reason()).isEqualTo("no GPU");
    assertThat(ProviderFault.of(new IllegalStateException()).reason())
        .isEqualTo("IllegalStateException");
  }
}
