package io.millrace.cli.errors;

import io.millrace.cli.CommandException;
import io.millrace.cli.ProcessorOption;
import io.millrace.cli.reply.Clients;
import io.millrace.events.Stage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends the records of dead letters to their topic again. */
@Command(
    name = "retry",
    mixinStandardHelpOptions = true,
    description = {
      "Sends the records that dead letters are about to their topic again, with their keys, headers"
          + " and values and the header "
          + Retry.HEADER
          + ". Says what it would send; sends it with"
          + " --yes.",
      ""
    },
    footer = {
      "",
      "Exit code: 0 if all were sent, or could be; else 1.",
      "",
      "Examples:",
      "  millrace errors retry millrace.errors-0@17 --yes",
      "  millrace errors retry --code engine_failure --from 2026-11-26T08:00:00Z"
    })
final class RetryCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "PLACE",
      arity = "0..*",
      description =
          "Letters, as list says where they are. Without any, those that the options say.")
  private List<String> places = List.of();

  @Mixin private ProcessorOption processor;

  @Mixin private LetterFilter filter;

  @Option(
      names = "--most",
      paramLabel = "N",
      defaultValue = "1000",
      description = "No more than the last so many. Default: ${DEFAULT-VALUE}.")
  private int most;

  @Option(names = "--yes", description = "Sends them.")
  private boolean yes;

  @Override
  public Integer call() throws InterruptedException {
    var clients = new Clients(processor.configuration(), LetterBox.PATIENCE);
    Map<DeadLetter, Optional<ProducerRecord<byte[], byte[]>>> records = new LinkedHashMap<>();
    try (var box = new LetterBox(clients, filter.from(), filter.to())) {
      letters(box).forEach(letter -> records.put(letter, retry(box, letter)));
    }
    var found = records.values().stream().flatMap(Optional::stream).toList();
    if (yes) {
      send(clients, found);
    }
    records.forEach(this::print);
    int left = records.size() - found.size();
    System.out.printf(
        Locale.ROOT,
        "%d %s, %d left out%n",
        found.size(),
        yes ? "sent" : "would be sent; send them with --yes",
        left);
    return left == 0 ? 0 : 1;
  }

  private void print(DeadLetter letter, Optional<ProducerRecord<byte[], byte[]>> record) {
    System.out.printf(
        Locale.ROOT,
        "%s  %s, %s%n",
        letter.place(),
        letter.error().getCode(),
        record
            .map(found -> "%s to %s".formatted(yes ? "sent" : "would be sent", found.topic()))
            .orElse("left out: its record is not there any more, or no prompt"));
  }

  private List<DeadLetter> letters(LetterBox box) {
    if (places.isEmpty()) {
      return box.find(filter, most);
    }
    return places.stream().map(box::at).toList();
  }

  /** An event that could not be written is no record that could be sent again. */
  private static Optional<ProducerRecord<byte[], byte[]>> retry(LetterBox box, DeadLetter letter) {
    return letter.error().getStage() == Stage.PRODUCE
        ? Optional.empty()
        : Retry.record(letter, letter.value() == null ? box.original(letter) : Optional.empty());
  }

  private static void send(Clients clients, List<ProducerRecord<byte[], byte[]>> records)
      throws InterruptedException {
    try (var producer =
        new KafkaProducer<>(
            clients.producerProperties(), new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = records.stream().map(producer::send).toList();
      for (var one : sent) {
        one.get();
      }
    } catch (ExecutionException failure) {
      throw new CommandException("not all could be sent: " + failure.getMessage(), failure);
    }
  }
}
