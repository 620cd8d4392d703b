package io.millrace.runtime.session;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import io.millrace.runtime.attention.AttentionCall;
import io.millrace.runtime.attention.AttentionHeads;
import io.millrace.runtime.attention.CachedAttention;
import io.millrace.runtime.attention.Projection;
import io.millrace.runtime.attention.RotaryTables;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code com.microsoft.GroupQueryAttention} on the CPU, of the plain kind ({@link
 * io.millrace.runtime.model.PlainAttention}), computed by {@link CachedAttention}. Registered with
 * a session under this name it is used instead of ONNX Runtime's own.
 *
 * <p>ONNX Runtime's computes each head of each row as two small matrix products, which for rows of
 * one token is mostly overhead; and several tokens with a past only for one row. This one reads the
 * cache at the memory's speed, and takes any number of tokens with a past for any number of rows.
 *
 * <p>Inputs and outputs are those of {@code contrib_defs.cc}. A row's past is its length less the
 * new tokens; if no row has one, rows may be padded at their end.
 */
final class AttentionOperator extends OwnOperator {

  static final String DOMAIN = "com.microsoft";

  private static final Parameter FLOATS = new Parameter(OnnxJavaType.FLOAT, true);
  private static final Parameter PERHAPS_FLOATS = new Parameter(OnnxJavaType.FLOAT, false);
  private static final Parameter INTEGERS = new Parameter(OnnxJavaType.INT32, true);
  private static final Parameter PERHAPS_POSITIONS = new Parameter(OnnxJavaType.INT64, false);

  private static final int QUERIES = 0;
  private static final int KEYS = 1;
  private static final int VALUES = 2;
  private static final int PAST_KEYS = 3;
  private static final int PAST_VALUES = 4;
  private static final int LAST_POSITIONS = 5;
  private static final int TOTAL_LENGTH = 6;
  private static final int COSINES = 7;
  private static final int SINES = 8;

  private static final List<Parameter> INPUTS =
      List.of(
          FLOATS,
          PERHAPS_FLOATS,
          PERHAPS_FLOATS,
          FLOATS,
          FLOATS,
          INTEGERS,
          INTEGERS,
          FLOATS,
          FLOATS,
          // Of other kinds of attention: positions, bias, sink, scales of a quantized cache.
          PERHAPS_POSITIONS,
          PERHAPS_FLOATS,
          PERHAPS_FLOATS,
          PERHAPS_FLOATS,
          PERHAPS_FLOATS);

  private static final List<Parameter> OUTPUTS = List.of(FLOATS, FLOATS, FLOATS, PERHAPS_FLOATS);

  private final int headSize;
  private final KernelContext context;

  /**
   * One for all layers that are alike, so that what it works with stays in the processor's cache.
   */
  private final Map<AttentionHeads, CachedAttention> attentions = new ConcurrentHashMap<>();

  private final MemorySegment task;

  private volatile CachedAttention.@Nullable Step current;

  /** What a task threw, of which ONNX Runtime must not know. */
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * @param headSize numbers in a vector of a head, which {@link CachedAttention} supports
   */
  AttentionOperator(int headSize, Arena arena) {
    super("GroupQueryAttention", ExecutionProvider.CPU, INPUTS, OUTPUTS, arena);
    this.headSize = headSize;
    this.context = new KernelContext(arena);
    this.task = taskFunction(arena);
  }

  private MemorySegment taskFunction(Arena arena) {
    var descriptor = FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG);
    try {
      var method =
          MethodHandles.lookup()
              .findVirtual(AttentionOperator.class, "compute", descriptor.toMethodType());
      return Linker.nativeLinker().upcallStub(method.bindTo(this), descriptor, arena);
    } catch (ReflectiveOperationException missing) {
      throw new IllegalStateException(missing);
    }
  }

  @Override
  Kernel kernel(MemorySegment info) throws OrtException {
    var heads =
        new AttentionHeads(
            Math.toIntExact(KernelContext.integerAttribute(info, "num_heads")),
            Math.toIntExact(KernelContext.integerAttribute(info, "kv_num_heads")),
            headSize,
            scale(info));
    var attention = attentions.computeIfAbsent(heads, CachedAttention::new);
    return node -> {
      context.use(node);
      compute(attention);
    };
  }

  private float scale(MemorySegment info) {
    float usual = (float) (1 / Math.sqrt(headSize));
    try {
      float given = KernelContext.attribute(info, "scale");
      return given == 0 ? usual : given;
    } catch (OrtException notGiven) {
      return usual;
    }
  }

  private void compute(CachedAttention attention) throws OrtException {
    var step = attention.step(call(attention.heads()));
    current = step;
    failure.set(null);
    context.parallelFor(task, step.tasks());
    current = null;
    var thrown = failure.get();
    if (thrown != null) {
      throw new IllegalStateException(thrown);
    }
  }

  @SuppressWarnings("unused") // called by ONNX Runtime, on several threads
  private void compute(MemorySegment unused, long number) {
    try {
      var step = current;
      if (step != null) {
        step.compute((int) number);
      }
    } catch (RuntimeException | Error thrown) {
      failure.set(thrown);
    }
  }

  private AttentionCall call(AttentionHeads heads) throws OrtException {
    var queries = context.input(QUERIES);
    long[] shape = context.shape(queries);
    long rows = shape[0];
    long tokens = shape[1];
    int width = heads.queries() * heads.size();
    int narrow = heads.keyValues() * heads.size();
    var packed = floats(queries, shape);
    var keys = context.input(KEYS);
    boolean isPacked = keys.equals(MemorySegment.NULL);
    int distance = isPacked ? width + 2 * narrow : width;
    var pastKeys = context.input(PAST_KEYS);
    long[] cacheShape = context.shape(pastKeys);
    return new AttentionCall(
        new Projection(packed, 0, distance),
        isPacked
            ? new Projection(packed, width, distance)
            : new Projection(floats(keys), 0, narrow),
        isPacked
            ? new Projection(packed, width + narrow, distance)
            : new Projection(floats(context.input(VALUES)), 0, narrow),
        new RotaryTables(rotations(COSINES), rotations(SINES)),
        present(1, pastKeys, cacheShape),
        present(2, context.input(PAST_VALUES), cacheShape),
        output(0, new long[] {rows, tokens, width}),
        pasts((int) rows, (int) tokens),
        (int) tokens,
        Math.toIntExact(cacheShape[2]));
  }

  private MemorySegment floats(MemorySegment tensor) throws OrtException {
    return floats(tensor, context.shape(tensor));
  }

  private MemorySegment floats(MemorySegment tensor, long[] shape) throws OrtException {
    long bytes = LongStream.of(shape).reduce(Float.BYTES, Math::multiplyExact);
    return context.content(tensor).reinterpret(bytes);
  }

  private MemorySegment output(long index, long[] shape) throws OrtException {
    return floats(context.output(index, shape), shape);
  }

  private MemorySegment rotations(long index) throws OrtException {
    var table = context.input(index);
    long[] shape = context.shape(table);
    if (2 * shape[1] != headSize) {
      throw new IllegalStateException(
          "only %d of %d numbers of a head are rotated".formatted(2 * shape[1], headSize));
    }
    return floats(table, shape);
  }

  /** The cache in place. Its tensors claim twice the memory that there is. */
  private MemorySegment present(long index, MemorySegment past, long[] shape) throws OrtException {
    var present = output(index, shape);
    if (present.address() != context.content(past).address()) {
      throw new IllegalStateException("past and present are not the same memory");
    }
    return present;
  }

  private int[] pasts(int rows, int tokens) throws OrtException {
    var last =
        context.content(context.input(LAST_POSITIONS)).reinterpret((long) rows * Integer.BYTES);
    var total = context.content(context.input(TOTAL_LENGTH)).reinterpret(Integer.BYTES);
    boolean isFirst = total.get(JAVA_INT, 0) == tokens;
    var pasts = new int[rows];
    for (int row = 0; row < rows; row++) {
      pasts[row] = isFirst ? 0 : last.getAtIndex(JAVA_INT, row) + 1 - tokens;
    }
    return pasts;
  }
}
