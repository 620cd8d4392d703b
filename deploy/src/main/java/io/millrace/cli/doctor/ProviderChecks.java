package io.millrace.cli.doctor;

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
import java.util.Arrays;
import java.util.List;

/** Checks what models can be computed with on this machine. */
public final class ProviderChecks {

  private ProviderChecks() {}

  /**
   * One finding for each provider.
   *
   * @param wanted it is broken that none of these can be used
   */
  public static List<Finding> run(ProviderSettings wanted) {
    var checks =
        Arrays.stream(ExecutionProvider.values())
            .map(provider -> ProviderCheck.of(provider, wanted.device()))
            .toList();
    return findings(checks, wanted.order());
  }

  static List<Finding> findings(List<ProviderCheck> checks, List<ExecutionProvider> order) {
    boolean starts =
        checks.stream()
            .filter(Usable.class::isInstance)
            .map(ProviderCheck::provider)
            .anyMatch(order::contains);
    return checks.stream()
        .map(check -> finding(check, !starts && order.contains(check.provider())))
        .toList();
  }

  private static Finding finding(ProviderCheck check, boolean needed) {
    var subject = check.provider().label();
    return switch (check) {
      case Usable(_, var detail) -> new Fine(subject, detail);
      case NotBuilt(_, var reason) when needed ->
          new Broken(
              subject,
              "wanted by engine.provider, but " + reason,
              "build Millrace with mvn -Pgpu -DskipTests package (docs/gpu.md), or set"
                  + " engine.provider: auto");
      case NotBuilt(_, _) -> new Absent(subject, "not in this distribution");
      case Unusable(_, var reason, var detail, var remedy) when needed ->
          new Broken(subject, withDetail(reason, detail), remedy);
      case Unusable(_, var reason, var detail, var remedy) ->
          new Doubtful(subject, withDetail(reason, detail) + "; to use it, " + remedy);
    };
  }

  private static String withDetail(String reason, String detail) {
    return detail.isEmpty() ? reason : reason + "; " + detail;
  }
}
