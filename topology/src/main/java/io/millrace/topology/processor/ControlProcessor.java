package io.millrace.topology.processor;

import io.millrace.events.Control;
import io.millrace.events.Stage;
import io.millrace.topology.prompt.Rejection;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Turns the bytes of a control record into a command.
 *
 * <p>A command is of use only while its prompt is in flight, so one that cannot be read now, for
 * whatever reason, is a dead letter at once.
 */
public final class ControlProcessor implements Processor<byte[], byte[], byte[], Intake> {

  private final Deserializer<Control> format;

  private ProcessorContext<byte[], Intake> context;

  public ControlProcessor(Deserializer<Control> format) {
    this.format = format;
  }

  @Override
  public void init(ProcessorContext<byte[], Intake> processorContext) {
    context = processorContext;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    var origin = Origin.of(record, context.recordMetadata().orElseThrow());
    context.forward(record.withValue(intake(origin, record.value())));
  }

  private Intake intake(Origin origin, byte[] value) {
    try {
      var control =
          value == null ? null : format.deserialize(origin.topic(), origin.headers(), value);
      if (control != null) {
        return switch (control.getCommand()) {
          case CANCEL -> new Intake.Cancel(control.getRequestId());
        };
      }
    } catch (RuntimeException exception) {
      // Falls through: the dead letter says all that may be said of bytes that may hold anything.
    }
    var rejection = new Rejection(Stage.DECODE, "undecodable", "the value is no control command");
    return new Intake.Rejected(origin, rejection, value, null);
  }
}
