package io.millrace.schemas.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.millrace.schemas.registry.SchemaRegistryException.Unavailable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTlsTest {

  private static final String PASSWORD = "changeit";
  @TempDir private static @Nullable Path directory;
  private static @Nullable FakeRegistryServer server;

  @BeforeAll
  static void start() throws Exception {
    keytool("-genkeypair -alias server -keyalg EC -dname CN=localhost -ext san=dns:localhost");
    keytool("-exportcert -rfc -alias server -file " + file("server.pem"));
    var https = HttpsServer.create();
    https.setHttpsConfigurator(new HttpsConfigurator(serverContext()));
    server =
        new FakeRegistryServer(https)
            .answer("GET /schemas/ids/1", 200, "{\"schema\": \"\\\"string\\\"\"}");
  }

  @AfterAll
  static void stop() {
    requireNonNull(server).close();
  }

  @Test
  void aCertificateInAKeyStoreIsTrusted() {
    assertThat(
            read(
                Map.of(
                    "schema.registry.ssl.truststore.location",
                    file("server.p12"),
                    "schema.registry.ssl.truststore.password",
                    PASSWORD,
                    "schema.registry.ssl.truststore.type",
                    "PKCS12")))
        .isEqualTo(Schema.Type.STRING);
  }

  @Test
  void aCertificateInAPemFileIsTrusted() {
    assertThat(
            read(
                Map.of(
                    "schema.registry.ssl.truststore.location",
                    file("server.pem"),
                    "schema.registry.ssl.truststore.type",
                    "PEM")))
        .isEqualTo(Schema.Type.STRING);
  }

  @Test
  void aStrangersCertificateIsNot() {
    assertThatThrownBy(() -> read(Map.of()))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("check the schema.registry.ssl.* settings");
  }

  @Test
  void aStoreThatCannotBeReadIsAMistakeInTheConfiguration() {
    assertThatThrownBy(
            () ->
                read(
                    Map.of(
                        "schema.registry.ssl.truststore.location", file("server.p12"),
                        "schema.registry.ssl.truststore.password", "wrong-password",
                        "schema.registry.ssl.truststore.type", "PKCS12")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("schema.registry.ssl.*")
        .hasMessageNotContaining("wrong-password");
  }

  @Test
  void hostNamesAreAlwaysVerified() {
    assertThatThrownBy(
            () -> read(Map.of("schema.registry.ssl.endpoint.identification.algorithm", "")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("always verified");
  }

  private static Schema.Type read(Map<String, Object> tls) {
    Map<String, Object> config = new HashMap<>(tls);
    config.put("schema.registry.url", "https://localhost:" + requireNonNull(server).port());
    try (var registry = new HttpSchemaRegistry(RegistryConfig.of(config), pause -> {})) {
      return registry.schemaById(1).getType();
    }
  }

  private static SSLContext serverContext() throws Exception {
    var store = KeyStore.getInstance(Path.of(file("server.p12")).toFile(), PASSWORD.toCharArray());
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static void keytool(String arguments) throws Exception {
    var java = requireNonNull(System.getProperty("java.home"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(java, "bin", "keytool").toString());
    command.addAll(List.of(arguments.split(" ", -1)));
    command.addAll(List.of("-keystore", file("server.p12"), "-storepass", PASSWORD));
    var log = Path.of(file("keytool.log"));
    var process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
  }

  private static String file(String name) {
    return requireNonNull(directory).resolve(name).toString();
  }
}
