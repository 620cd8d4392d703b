package io.millrace.topology.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Secrets that are in files, as orchestrators hand them out: the variable of a secret's key with
 * {@code _FILE} behind it names the file that holds the value.
 */
final class SecretFiles {

  private static final String SUFFIX = "_FILE";

  /** Only of secrets: other keys of Kafka end with {@code file} themselves. */
  private static final Pattern SECRET =
      Pattern.compile(
          ConfigurationKeys.VARIABLE_PREFIX
              + ".*(PASSWORD|JAAS_CONFIG|TOKEN|USER_INFO|CLIENT_SECRET|KEYSTORE_KEY"
              + "|CERTIFICATE_CHAIN|CERTIFICATES)"
              + SUFFIX);

  private SecretFiles() {}

  static boolean isOne(String variable) {
    return SECRET.matcher(variable).matches();
  }

  /**
   * The variables with each {@code ..._FILE} of a secret replaced by the secret's own.
   *
   * @throws ConfigurationException if a file cannot be read, or a secret is given twice
   */
  static Map<String, String> resolve(Map<String, String> environment) {
    Map<String, String> resolved = new HashMap<>(environment);
    List<String> problems = new ArrayList<>();
    environment.forEach(
        (variable, file) -> {
          if (isOne(variable)) {
            resolved.remove(variable);
            var name = variable.substring(0, variable.length() - SUFFIX.length());
            if (environment.containsKey(name)) {
              problems.add("%s and %s: only one may be set".formatted(name, variable));
            }
            try {
              resolved.put(name, Files.readString(Path.of(file)).strip());
            } catch (IOException exception) {
              problems.add(
                  "%s: %s cannot be read (%s)"
                      .formatted(variable, file, exception.getClass().getSimpleName()));
            }
          }
        });
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems.stream().sorted().toList());
    }
    return resolved;
  }
}
