package io.millrace.system;

import io.millrace.local.EmbeddedBroker;
import io.millrace.local.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A broker that takes TLS connections of users with a password, and lets them do what they are
 * allowed to. Beside it a listener for the test itself, which may do all.
 */
final class SecureBroker implements AutoCloseable {

  static final String KEY_PASSWORD = "changeit";

  private final EmbeddedBroker broker;
  private final int port;
  private final Admin admin;

  private SecureBroker(EmbeddedBroker broker, int port) {
    this.broker = broker;
    this.port = port;
    this.admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  /**
   * Starts one with a certificate of an authority of its own.
   *
   * @param validity as keytool's {@code -startdate ... -validity}
   */
  static SecureBroker start(Path directory, String validity)
      throws IOException, InterruptedException {
    var authority = directory.resolve("authority.p12");
    keytool("-genkeypair -alias it -keyalg EC -dname CN=test -ext bc:c", authority);
    keytool("-exportcert -rfc -alias it -file " + authority(directory), authority);
    var keys = directory.resolve("broker.p12");
    var request = directory.resolve("broker.csr");
    var certificate = directory.resolve("broker.pem");
    keytool("-genkeypair -alias it -keyalg EC -dname CN=localhost", keys);
    keytool("-certreq -alias it -file " + request, keys);
    keytool(
        "-gencert -rfc -alias it -ext san=dns:localhost %s -infile %s -outfile %s"
            .formatted(validity, request, certificate),
        authority);
    keytool("-importcert -noprompt -alias authority -file " + authority(directory), keys);
    keytool("-importcert -noprompt -alias it -file " + certificate, keys);
    int open = FreePort.find();
    int secure = FreePort.find();
    int controller = FreePort.find();
    Map<String, String> properties = new HashMap<>();
    properties.put(
        "listeners",
        "PLAINTEXT://localhost:%d,SASL_SSL://localhost:%d,CONTROLLER://localhost:%d"
            .formatted(open, secure, controller));
    properties.put(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT");
    properties.put("controller.quorum.voters", "1@localhost:" + controller);
    properties.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
    properties.put(
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    properties.put("ssl.keystore.location", keys.toString());
    properties.put("ssl.keystore.password", KEY_PASSWORD);
    properties.put("ssl.keystore.type", "PKCS12");
    properties.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    properties.put("super.users", "User:ANONYMOUS");
    return new SecureBroker(
        EmbeddedBroker.start(directory.resolve("broker"), open, properties), secure);
  }

  /** The certificate of the authority of a broker that was started in a directory, to trust. */
  static Path authority(Path directory) {
    return directory.resolve("authority.pem");
  }

  private static void keytool(String arguments, Path keys)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(
        List.of("-keystore", keys.toString(), "-storepass", KEY_PASSWORD, "-storetype", "PKCS12"));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException("keytool failed");
    }
  }

  String address() {
    return "localhost:" + port;
  }

  Admin admin() {
    return admin;
  }

  void addUser(String name, String password) throws ExecutionException, InterruptedException {
    var credential = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
    admin
        .alterUserScramCredentials(
            List.of(new UserScramCredentialUpsertion(name, credential, password)))
        .all()
        .get();
  }

  void allow(
      String user, AclOperation operation, ResourceType type, PatternType pattern, String name)
      throws ExecutionException, InterruptedException {
    var entry = new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW);
    admin
        .createAcls(List.of(new AclBinding(new ResourcePattern(type, name, pattern), entry)))
        .all()
        .get();
  }

  @Override
  public void close() {
    admin.close();
    broker.close();
  }
}
