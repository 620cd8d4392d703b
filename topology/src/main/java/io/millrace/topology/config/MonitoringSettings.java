package io.millrace.topology.config;

import java.util.Set;

/** Where metrics and health can be asked for. */
public record MonitoringSettings(
    @Setting(value = "Address that metrics and health are served on.", otherwise = "localhost")
        String host,
    @Setting(value = "Its port; 0 to serve none.", otherwise = "0", min = 0, max = 65_535) int port,
    @Setting(
            "What a scraper has to send as its bearer token for metrics; has to be set where the"
                + " address can be reached from elsewhere.")
        String token,
    @Setting(
            value = "Tenants that are told apart in metrics, those that come first.",
            otherwise = "20",
            min = 0,
            max = 10_000)
        int tenants) {

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

  /**
   * @throws IllegalArgumentException if anyone could read the metrics
   */
  public MonitoringSettings {
    if (port > 0 && token.isBlank() && !LOOPBACK.contains(host)) {
      throw new IllegalArgumentException(
          "token must be set: " + host + " can be reached from elsewhere");
    }
  }

  public boolean isServed() {
    return port > 0;
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "MonitoringSettings[host=%s, port=%d, tenants=%d]".formatted(host, port, tenants);
  }
}
