package io.millrace.schemas.serde;

import io.millrace.events.ErrorEvent;
import io.millrace.events.Message;
import io.millrace.events.OriginalHeader;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.events.Stage;
import io.millrace.events.Task;
import io.millrace.events.Token;
import io.millrace.events.TopLogprob;
import java.nio.ByteBuffer;
import java.time.Instant;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Events of any content. */
public final class ArbitraryEvents {

  private ArbitraryEvents() {}

  public static Arbitrary<Prompt> prompts() {
    var messages =
        Combinators.combine(text(), text(), text().injectNull(0.5))
            .as(Message::new)
            .list()
            .ofMaxSize(5);
    var deadlines =
        Arbitraries.longs()
            .between(-62_135_596_800_000L, 253_402_300_799_999L)
            .map(Instant::ofEpochMilli)
            .injectNull(0.5);
    return Combinators.combine(
            text(),
            text().injectNull(0.5),
            messages.injectNull(0.3),
            text().injectNull(0.5),
            samplings().injectNull(0.3),
            Arbitraries.of(Task.class),
            deadlines,
            Arbitraries.maps(text(), text()).ofMaxSize(4))
        .as(
            (id, tenant, turns, raw, sampling, task, deadline, metadata) ->
                Prompt.newBuilder()
                    .setRequestId(id)
                    .setTenant(tenant)
                    .setMessages(turns)
                    .setText(raw)
                    .setSampling(sampling)
                    .setTask(task)
                    .setDeadline(deadline)
                    .setPriority(id.hashCode())
                    .setMetadata(metadata)
                    .build());
  }

  public static Arbitrary<Token> tokens() {
    var top =
        Combinators.combine(Arbitraries.integers(), text(), Arbitraries.floats())
            .as(TopLogprob::new)
            .list()
            .ofMaxSize(3);
    return Combinators.combine(
            text(),
            Arbitraries.integers(),
            text(),
            Arbitraries.floats().injectNull(0.3),
            top.injectNull(0.3))
        .as(
            (id, number, piece, logprob, others) ->
                new Token(id, 1, number, piece, ~number, logprob, others));
  }

  public static Arbitrary<ErrorEvent> errors() {
    var bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(64).map(ByteBuffer::wrap);
    var headers =
        Combinators.combine(text(), bytes.injectNull(0.3))
            .as(OriginalHeader::new)
            .list()
            .ofMaxSize(3);
    return Combinators.combine(text(), Arbitraries.of(Stage.class), bytes.injectNull(0.3), headers)
        .as(
            (code, stage, value, kept) ->
                ErrorEvent.newBuilder()
                    .setStage(stage)
                    .setCode(code)
                    .setMessage("m")
                    .setOriginalValue(value)
                    .setOriginalHeaders(kept)
                    .build());
  }

  private static Arbitrary<Sampling> samplings() {
    return Combinators.combine(
            Arbitraries.doubles().injectNull(0.5),
            Arbitraries.integers().injectNull(0.5),
            Arbitraries.longs().injectNull(0.5),
            text().list().ofMaxSize(3).injectNull(0.5),
            Arbitraries.of(true, false).injectNull(0.5))
        .as(
            (temperature, topK, seed, stop, logprobs) ->
                Sampling.newBuilder()
                    .setTemperature(temperature)
                    .setTopK(topK)
                    .setSeed(seed)
                    .setStop(stop)
                    .setLogprobs(logprobs)
                    .build());
  }

  /** Every character that has a form in UTF-8: half a surrogate pair has none. */
  private static Arbitrary<String> text() {
    return Arbitraries.strings()
        .ofMaxLength(40)
        .map(
            text ->
                text.codePoints()
                    .filter(character -> character < 0xD800 || character > 0xDFFF)
                    .collect(
                        StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString());
  }
}
