package io.millrace.runtime.session;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import io.millrace.runtime.device.FloatType;
import io.millrace.runtime.device.RowProduct;
import io.millrace.runtime.device.RowProducts;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;

/**
 * One operator as ONNX Runtime wants to have it described: an {@code OrtCustomOp} of {@code
 * onnxruntime_c_api.h}, whose functions are calls back into this class.
 *
 * <p>Such a call must not throw, since that would end the process: a failure is returned as a
 * status.
 */
final class OwnOperator {

  /**
   * The description is told to be of ONNX Runtime 1.16, the first whose kernels return a status;
   * what later ones have added is not wanted here.
   */
  private static final int VERSION = 16;

  /** The members after the version, of which later ones are not read in that version. */
  private static final int FUNCTIONS = 32;

  private static final int INPUTS = 3;

  private static final Linker LINKER = Linker.nativeLinker();

  private final OwnOperators.Operator operator;
  private final ExecutionProvider provider;
  private final RowProducts products;
  private final MemorySegment description;

  /** Of each kernel, which ONNX Runtime knows by its place here and 1. */
  private final List<Float> epsilons = new ArrayList<>();

  /**
   * Describes an operator.
   *
   * @param arena for the description, which must live until no session uses it
   */
  OwnOperator(
      OwnOperators.Operator operator,
      ExecutionProvider provider,
      FloatType type,
      RowProducts products,
      Arena arena) {
    this.operator = operator;
    this.provider = provider;
    this.products = products;
    this.description = arena.allocate(MemoryLayout.sequenceLayout(1 + FUNCTIONS, ADDRESS));
    description.set(JAVA_INT, 0, VERSION);
    new Functions(arena, type).describe();
  }

  /** The {@code OrtCustomOp}. */
  MemorySegment description() {
    return description;
  }

  /** Fills in the description. */
  private final class Functions {

    private final Arena arena;
    private final FloatType type;
    private int position;

    Functions(Arena arena, FloatType type) {
      this.arena = arena;
      this.type = type;
    }

    void describe() {
      skip(); // CreateKernel, for older versions
      constant(arena.allocateFrom(operator.label())); // GetName
      constant(providerName()); // GetExecutionProviderType
      constantOfIndex(elementType()); // GetInputType
      constant((long) INPUTS); // GetInputTypeCount
      constantOfIndex(elementType()); // GetOutputType
      constant(1L); // GetOutputTypeCount
      skip(); // KernelCompute, for older versions
      add("destroyKernel", FunctionDescriptor.ofVoid(ADDRESS)); // KernelDestroy
      constantOfIndex(0); // GetInputCharacteristic: required
      constantOfIndex(0); // GetOutputCharacteristic: required
      constantOfIndex(0); // GetInputMemoryType: the provider's own
      constant(0); // GetVariadicInputMinArity
      constant(0); // GetVariadicInputHomogeneity
      constant(0); // GetVariadicOutputMinArity
      constant(0); // GetVariadicOutputHomogeneity
      add(
          "createKernel",
          FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS)); // CreateKernelV2
      add("compute", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS)); // KernelComputeV2
    }

    /** The null pointer stands for the CPU. */
    private MemorySegment providerName() {
      return provider == ExecutionProvider.CPU
          ? MemorySegment.NULL
          : arena.allocateFrom("CUDAExecutionProvider");
    }

    private int elementType() {
      return OrtApi.elementType(
          switch (type) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case BFLOAT16 -> OnnxJavaType.BFLOAT16;
          });
    }

    private void skip() {
      position++;
    }

    private void set(MethodHandle function, FunctionDescriptor descriptor) {
      position++;
      description.setAtIndex(ADDRESS, position, LINKER.upcallStub(function, descriptor, arena));
    }

    private void add(String method, FunctionDescriptor descriptor) {
      try {
        var handle =
            MethodHandles.lookup()
                .findVirtual(OwnOperator.class, method, descriptor.toMethodType());
        set(handle.bindTo(OwnOperator.this), descriptor);
      } catch (ReflectiveOperationException missing) {
        throw new IllegalStateException(missing);
      }
    }

    /** A function of the operator alone. */
    private void constant(Object value) {
      constant(value, FunctionDescriptor.of(layout(value), ADDRESS));
    }

    /** A function of the operator and an index. */
    private void constantOfIndex(int value) {
      constant(value, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    }

    private void constant(Object value, FunctionDescriptor descriptor) {
      MethodType type = descriptor.toMethodType();
      var constant = MethodHandles.constant(type.returnType(), value);
      set(MethodHandles.dropArguments(constant, 0, type.parameterList()), descriptor);
    }

    private static MemoryLayout layout(Object value) {
      return switch (value) {
        case Integer _ -> JAVA_INT;
        case Long _ -> JAVA_LONG;
        case MemorySegment _ -> ADDRESS;
        default -> throw new IllegalArgumentException("no constant " + value);
      };
    }
  }

  @SuppressWarnings("unused") // called by ONNX Runtime
  private MemorySegment createKernel(
      MemorySegment self, MemorySegment api, MemorySegment info, MemorySegment made) {
    try {
      synchronized (epsilons) {
        epsilons.add(OrtApi.attribute(info, "epsilon"));
        made.reinterpret(ADDRESS.byteSize())
            .set(ADDRESS, 0, MemorySegment.ofAddress(epsilons.size()));
      }
      return MemorySegment.NULL;
    } catch (OrtException | RuntimeException | Error failure) {
      return failure(failure);
    }
  }

  @SuppressWarnings("unused") // called by ONNX Runtime
  private void destroyKernel(MemorySegment kernel) {
    // It is a number.
  }

  @SuppressWarnings("unused") // called by ONNX Runtime
  private MemorySegment compute(MemorySegment kernel, MemorySegment context) {
    try {
      compute(epsilon(kernel), context);
      return MemorySegment.NULL;
    } catch (OrtException | RuntimeException | Error failure) {
      return failure(failure);
    }
  }

  private float epsilon(MemorySegment kernel) {
    synchronized (epsilons) {
      return epsilons.get((int) kernel.address() - 1);
    }
  }

  private MemorySegment failure(Throwable failure) {
    return OrtApi.failure(operator.label() + ": " + failure);
  }

  private void compute(float epsilon, MemorySegment context) throws OrtException {
    var input = OrtApi.operatorInput(context, 0);
    var operand = OrtApi.operatorInput(context, 1);
    var weights = OrtApi.operatorInput(context, 2);
    var kind = operator.kind();
    int inputs = Math.toIntExact(input.shape().getLast());
    int matrixRows = Math.toIntExact(weights.shape().getFirst());
    int outputs = kind == RowProduct.Kind.GATED ? matrixRows / 2 : matrixRows;
    List<Long> rowShape = input.shape().subList(0, input.shape().size() - 1);
    List<Long> shape = new ArrayList<>(rowShape);
    shape.add((long) outputs);
    var output = OrtApi.operatorOutput(context, 0, shape);
    int rows = Math.toIntExact(rowShape.stream().reduce(1L, Math::multiplyExact));
    if (rows == 0) {
      return;
    }
    products.multiply(
        new RowProduct(
            kind,
            input.content(),
            weights.content(),
            operand.content(),
            output.content(),
            rows,
            inputs,
            outputs,
            epsilon),
        provider == ExecutionProvider.CPU ? MemorySegment.NULL : OrtApi.gpuStream(context));
  }
}
