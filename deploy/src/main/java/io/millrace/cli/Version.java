package io.millrace.cli;

import picocli.CommandLine.IVersionProvider;

/** The versions that matter in a bug report. */
final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    var millrace = Millrace.class.getPackage().getImplementationVersion();
    return new String[] {
      "millrace " + (millrace == null ? "(not packaged)" : millrace),
      "Java " + Runtime.version(),
      "Kafka " + org.apache.kafka.common.utils.AppInfoParser.getVersion(),
    };
  }
}
