package io.millrace.cli;

import io.millrace.topology.config.ConfigurationKey;
import io.millrace.topology.config.MillraceConfiguration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Finds variables that look like an override of a key and are none. */
final class MistypedVariables {

  private static final String PREFIX = "MILLRACE_";

  private static final Set<String> LAUNCHER =
      Set.of("MILLRACE_LOG", "MILLRACE_JAVA_HOME", "MILLRACE_JAVA_OPTS");

  /** Kubernetes sets these in every pod beside a service whose name begins with millrace. */
  private static final Pattern KUBERNETES = Pattern.compile(".*_(PORT|SERVICE)(_.*)?");

  private MistypedVariables() {}

  /**
   * Says a sentence about each.
   *
   * @param names of all variables that are set
   */
  static List<String> in(Collection<String> names) {
    var known = MillraceConfiguration.keys().stream().map(MistypedVariables::variable).toList();
    return names.stream()
        .filter(name -> name.startsWith(PREFIX) && !LAUNCHER.contains(name))
        .filter(name -> !KUBERNETES.matcher(name).matches())
        .filter(name -> !MillraceConfiguration.namesSecretFile(name))
        .filter(name -> known.stream().noneMatch(variable -> isOverride(name, variable)))
        .sorted()
        .map(name -> "%s overrides nothing; did you mean %s?".formatted(name, nearest(name, known)))
        .toList();
  }

  /** A table as a whole is overridden by one variable, its rows by none. */
  private static String variable(ConfigurationKey key) {
    int row = key.path().indexOf(".NAME.");
    return row < 0
        ? key.variable()
        : PREFIX + key.path().substring(0, row).toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private static boolean isOverride(String name, String variable) {
    return variable.endsWith("*")
        ? name.startsWith(variable.substring(0, variable.length() - 1))
        : name.equals(variable);
  }

  private static String nearest(String name, List<String> known) {
    var distance = LevenshteinDistance.getDefaultInstance();
    return known.stream()
        .min(Comparator.comparingInt(variable -> distance.apply(name, variable)))
        .orElseThrow();
  }
}
