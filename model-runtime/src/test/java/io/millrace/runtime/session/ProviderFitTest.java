package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.export.graph.Layout;
import io.millrace.runtime.export.graph.Precision;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.session.ProviderFit.Misfit;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class ProviderFitTest {

  @TempDir private Path parent;

  private Optional<Misfit> misfit(Precision precision, Layout layout, ExecutionProvider provider) {
    var model = ModelDirectory.load(TinyModels.export(parent, precision, layout));
    return ProviderFit.misfit(model, provider);
  }

  @ParameterizedTest
  @EnumSource
  void everyModelOfGroupQueryAttentionMayRunOnCpuAndNoneOnTensorRt(Precision precision) {
    assertThat(misfit(precision, Layout.GROUP_QUERY, ExecutionProvider.CPU)).isEmpty();
    assertThat(misfit(precision, Layout.GROUP_QUERY, ExecutionProvider.TENSORRT))
        .hasValueSatisfying(
            misfit ->
                assertThat(misfit.toString())
                    .startsWith("tensorrt: it has no GroupQueryAttention")
                    .endsWith(
                        "millrace models export CHECKPOINT DIR --layout standard --precision"
                            + " fp16"));
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.MATCH_NONE,
      names = {".*FP16", "BF16"})
  void aCacheOf32BitFloatsIsNotForCudaHoweverTheWeightsAreStored(Precision precision) {
    assertThat(misfit(precision, Layout.GROUP_QUERY, ExecutionProvider.CUDA))
        .map(Misfit::toString)
        .contains(
            "cuda: GroupQueryAttention there takes float16 or bfloat16, and this model's cache is"
                + " float32; make one with: millrace models export CHECKPOINT DIR --precision"
                + " fp16");
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.MATCH_ANY,
      names = {".*FP16", "BF16"})
  void aCacheOf16BitFloatsIsForCuda(Precision precision) {
    assertThat(misfit(precision, Layout.GROUP_QUERY, ExecutionProvider.CUDA)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {"FP32", "FP16", "BF16"})
  void standardOperatorsAreForAll(Precision precision) {
    for (var provider : ExecutionProvider.values()) {
      assertThat(misfit(precision, Layout.STANDARD, provider)).as(provider.label()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {"FP16", "BF16"})
  void operatorsOfOurOwnAreForCudaAndInFp16ForTheCpu(Precision precision) {
    assertThat(misfit(precision, Layout.FUSED, ExecutionProvider.CUDA)).isEmpty();
    assertThat(misfit(precision, Layout.FUSED, ExecutionProvider.TENSORRT)).isPresent();
    assertThat(misfit(precision, Layout.FUSED, ExecutionProvider.CPU).isPresent())
        .isEqualTo(precision == Precision.BF16);
  }
}
