package io.millrace.schemas.registry;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a Schema Registry, read from Confluent's configuration keys.
 *
 * <p>Equal configurations share one client, and with it its caches and connections.
 *
 * @param urls base addresses without credentials, tried in turn
 * @param authorization the value of the {@code Authorization} header; hidden when printed
 * @param tls the {@code ssl.*} keys without their prefix; empty means the JDK's own trust store
 * @param maxRetries tries after the first
 * @param retryWait before the first retry; doubles each time
 * @param missingIdTtl for how long an id that the registry did not know is not asked for again
 * @param latestTtl for how long a subject's newest version is kept; empty means for ever
 */
public record RegistryConfig(
    List<URI> urls,
    Optional<Password> authorization,
    Map<String, Object> tls,
    Duration connectTimeout,
    Duration requestTimeout,
    int maxRetries,
    Duration retryWait,
    Duration retryWaitMax,
    Duration missingIdTtl,
    Optional<Duration> latestTtl,
    boolean normalizeSchemas) {

  public static final String URL = "schema.registry.url";
  public static final String CREDENTIALS_SOURCE = "basic.auth.credentials.source";
  public static final String USER_INFO = "basic.auth.user.info";
  public static final String BEARER_SOURCE = "bearer.auth.credentials.source";
  public static final String BEARER_TOKEN = "bearer.auth.token";
  public static final String CONNECT_TIMEOUT = "http.connect.timeout.ms";
  public static final String READ_TIMEOUT = "http.read.timeout.ms";
  public static final String MAX_RETRIES = "max.retries";
  public static final String RETRY_WAIT = "retries.wait.ms";
  public static final String RETRY_WAIT_MAX = "retries.max.wait.ms";
  public static final String MISSING_ID_TTL = "missing.id.cache.ttl.sec";
  public static final String LATEST_TTL = "latest.cache.ttl.sec";
  public static final String NORMALIZE = "normalize.schemas";

  private static final String PREFIX = "schema.registry.";
  private static final String TLS_PREFIX = "schema.registry.ssl.";

  public RegistryConfig {
    urls = List.copyOf(urls);
    tls = Map.copyOf(tls);
  }

  /** The same, for one of the addresses alone. */
  public RegistryConfig only(URI url) {
    return new RegistryConfig(
        List.of(url),
        authorization,
        tls,
        connectTimeout,
        requestTimeout,
        maxRetries,
        retryWait,
        retryWaitMax,
        missingIdTtl,
        latestTtl,
        normalizeSchemas);
  }

  /**
   * Reads the configuration of a serde.
   *
   * @throws ConfigException if the address is missing or a value is not of its type
   */
  public static RegistryConfig of(Map<String, ?> config) {
    var urls = urls(config);
    var latestTtlSeconds = number(config, LATEST_TTL, -1);
    return new RegistryConfig(
        urls.stream().map(RegistryConfig::withoutCredentials).toList(),
        authorization(config, urls),
        tls(config),
        // Shorter than Confluent's minute: a stream thread waits for this.
        Duration.ofMillis(number(config, CONNECT_TIMEOUT, 5_000)),
        Duration.ofMillis(number(config, READ_TIMEOUT, 10_000)),
        Math.toIntExact(number(config, MAX_RETRIES, 3)),
        Duration.ofMillis(number(config, RETRY_WAIT, 1_000)),
        Duration.ofMillis(number(config, RETRY_WAIT_MAX, 20_000)),
        Duration.ofSeconds(number(config, MISSING_ID_TTL, 5)),
        latestTtlSeconds < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(latestTtlSeconds)),
        Boolean.parseBoolean(text(config, NORMALIZE, "false")));
  }

  /** The addresses, for messages. */
  public String addresses() {
    return String.join(", ", urls.stream().map(URI::toString).toList());
  }

  @Override
  public String toString() {
    return "Schema Registry at " + addresses();
  }

  private static List<URI> urls(Map<String, ?> config) {
    var value = config.get(URL);
    var listed = value instanceof List<?> list ? list : List.of(value == null ? "" : value);
    List<URI> urls = new ArrayList<>();
    for (var entry : listed) {
      for (var part : entry.toString().split(",", -1)) {
        if (!part.isBlank()) {
          urls.add(url(part.strip()));
        }
      }
    }
    if (urls.isEmpty()) {
      throw new ConfigException("Set " + URL + " to the address of a Schema Registry.");
    }
    return urls;
  }

  private static URI url(String text) {
    URI url;
    try {
      url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    } catch (IllegalArgumentException notAnAddress) {
      // The text may hold a password, and so may the exception's message.
      throw new ConfigException(URL + " holds an address that cannot be read.");
    }
    var scheme = url.getScheme();
    var known = "http".equals(scheme) || "https".equals(scheme) || "mock".equals(scheme);
    if (!known || url.getAuthority() == null) {
      throw new ConfigException(URL + " holds an address that is not http://… or https://….");
    }
    return url;
  }

  private static URI withoutCredentials(URI url) {
    if (url.getRawUserInfo() == null) {
      return url;
    }
    var text = url.toString();
    return URI.create(text.replace(url.getRawUserInfo() + "@", ""));
  }

  private static Optional<Password> authorization(Map<String, ?> config, List<URI> urls) {
    if ("STATIC_TOKEN".equals(text(config, BEARER_SOURCE, ""))) {
      return Optional.of(new Password("Bearer " + required(config, BEARER_TOKEN)));
    }
    var source = text(config, CREDENTIALS_SOURCE, "URL");
    return switch (source) {
      case "URL" -> basic(urls.getFirst().getUserInfo());
      case "USER_INFO" -> basic(required(config, USER_INFO));
      case "SASL_INHERIT" -> basic(saslCredentials(config));
      default ->
          throw new ConfigException(
              CREDENTIALS_SOURCE + " is URL, USER_INFO or SASL_INHERIT, not " + source + ".");
    };
  }

  private static Optional<Password> basic(@Nullable String userAndPassword) {
    if (userAndPassword == null) {
      return Optional.empty();
    }
    var encoded =
        Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
    return Optional.of(new Password("Basic " + encoded));
  }

  private static String saslCredentials(Map<String, ?> config) {
    Map<String, Object> jaas = new HashMap<>(config);
    jaas.put(
        SaslConfigs.SASL_JAAS_CONFIG, new Password(required(config, SaslConfigs.SASL_JAAS_CONFIG)));
    for (var entry : JaasContext.loadClientContext(jaas).configurationEntries()) {
      var user = entry.getOptions().get("username");
      var password = entry.getOptions().get("password");
      if (user != null && password != null) {
        return user + ":" + password;
      }
    }
    throw new ConfigException(
        CREDENTIALS_SOURCE
            + " is SASL_INHERIT, but "
            + SaslConfigs.SASL_JAAS_CONFIG
            + " holds no user name and password.");
  }

  private static Map<String, Object> tls(Map<String, ?> config) {
    Map<String, Object> tls = new HashMap<>();
    config.forEach(
        (key, value) -> {
          if (key.startsWith(TLS_PREFIX) && value != null) {
            tls.put(key.substring(PREFIX.length()), value);
          }
        });
    return tls;
  }

  private static String required(Map<String, ?> config, String key) {
    var value = text(config, key, "");
    if (value.isEmpty()) {
      throw new ConfigException("Set " + key + ".");
    }
    return value;
  }

  /** Confluent takes the client's keys with its prefix and without. */
  private static String text(Map<String, ?> config, String key, String byDefault) {
    Object value = config.get(PREFIX + key);
    if (value == null) {
      value = config.get(key);
    }
    if (value instanceof Password secret) {
      return secret.value();
    }
    return value == null ? byDefault : value.toString().strip();
  }

  private static long number(Map<String, ?> config, String key, long byDefault) {
    var value = text(config, key, Long.toString(byDefault));
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException notANumber) {
      throw new ConfigException(key + " is a whole number, not " + value + ".");
    }
  }
}
