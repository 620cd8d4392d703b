package io.millrace.cli.errors;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.cli.ProcessorOption;
import io.millrace.cli.reply.Clients;
import io.millrace.cli.terminal.DisplayText;
import io.millrace.cli.topics.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one dead letter with all that it holds. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description =
        "Shows a dead letter with the key, the headers and the value of its record. The value may"
            + " hold what people wrote.")
final class ShowCommand implements Callable<Integer> {

  private static final int BYTES_IN_A_LINE = 32;

  @Parameters(
      paramLabel = "PLACE",
      description = "Where the letter is, as list says: millrace.errors-0@17.")
  private String place;

  @Mixin private ProcessorOption processor;

  @Option(
      names = "--value",
      paramLabel = "FILE",
      description = "Writes the value's bytes to this file instead of showing them.")
  private Optional<Path> file;

  @Override
  public Integer call() throws IOException {
    var clients = new Clients(processor.configuration(), LetterBox.PATIENCE);
    try (var box = new LetterBox(clients, Optional.empty(), Optional.empty())) {
      var letter = box.at(place);
      var error = letter.error();
      line("stage", error.getStage().name().toLowerCase(Locale.ROOT));
      line("code", error.getCode());
      line("message", error.getMessage());
      line("request", String.valueOf(error.getRequestId()));
      line("record", letter.origin().map(Place::toString).orElse("unknown"));
      line("time", letter.time().toString());
      line("key", text(letter.key()));
      for (var header : error.getOriginalHeaders()) {
        line("header " + header.getKey(), text(DeadLetter.bytes(header.getValue())));
      }
      byte[] value = letter.value();
      var original =
          value == null ? box.original(letter) : Optional.<ConsumerRecord<byte[], byte[]>>empty();
      if (value == null) {
        line(
            "value", original.isEmpty() ? "not in the letter, nor in its topic" : "from its topic");
        value = original.map(ConsumerRecord::value).orElse(null);
      }
      if (value != null && file.isPresent()) {
        Files.write(file.get(), value);
        line("value", value.length + " bytes written to " + file.get());
      } else if (value != null) {
        line("value", value.length + " bytes");
        System.out.println(text(value));
      }
    }
    return 0;
  }

  private static void line(String name, String text) {
    System.out.printf(Locale.ROOT, "%-10s %s%n", name, text);
  }

  /** As text where it is UTF-8, else in hexadecimal; harmless to a terminal. */
  private static String text(byte @Nullable [] bytes) {
    if (bytes == null) {
      return "none";
    }
    try {
      return DisplayText.printable(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException binary) {
      return hexadecimal(bytes);
    }
  }

  private static String hexadecimal(byte[] bytes) {
    var lines = new StringBuilder();
    for (int from = 0; from < bytes.length; from += BYTES_IN_A_LINE) {
      int to = Math.min(bytes.length, from + BYTES_IN_A_LINE);
      lines.append(HexFormat.ofDelimiter(" ").formatHex(bytes, from, to)).append('\n');
    }
    return lines.toString().stripTrailing();
  }
}
