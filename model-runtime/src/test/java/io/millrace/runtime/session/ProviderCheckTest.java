package io.millrace.runtime.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.session.ProviderCheck.NotBuilt;
import io.millrace.runtime.session.ProviderCheck.Usable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** With whatever ONNX Runtime there is: the build uses the one for CPU. */
class ProviderCheckTest {

  @Test
  void theCpuIsUsable() {
    assertThat(ProviderCheck.of(ExecutionProvider.CPU, 0))
        .isInstanceOfSatisfying(
            Usable.class, usable -> assertThat(usable.detail()).contains(" processors"));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "CPU")
  void whatIsNotInTheBuildIsSaidToBeAbsentAndNothingElseIs(ExecutionProvider provider) {
    var check = ProviderCheck.of(provider, 0);

    BuiltProviders.absence(provider)
        .ifPresentOrElse(
            reason -> assertThat(check).isEqualTo(new NotBuilt(provider, reason)),
            () -> assertThat(check).isNotInstanceOf(NotBuilt.class));
  }
}
