package io.millrace.runtime.session;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
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
import java.util.function.ToIntFunction;

/**
 * One operator as ONNX Runtime wants to have it described: an {@code OrtCustomOp} of {@code
 * onnxruntime_c_api.h}, whose functions are calls back into this class.
 *
 * <p>Such a call must not throw, since that would end the process: a failure is returned as a
 * status.
 */
abstract class OwnOperator {

  /** What is computed for one node of a graph. */
  interface Kernel {

    /**
     * Computes the node.
     *
     * @param context {@code OrtKernelContext}
     */
    void compute(MemorySegment context) throws OrtException;
  }

  /**
   * An input or output.
   *
   * @param type of its elements
   * @param isRequired whether it may not be left out
   */
  record Parameter(OnnxJavaType type, boolean isRequired) {}

  /**
   * The description is told to be of ONNX Runtime 1.16, the first whose kernels return a status;
   * what later ones have added is not wanted here.
   */
  private static final int VERSION = 16;

  /** The members after the version, of which later ones are not read in that version. */
  private static final int FUNCTIONS = 32;

  private static final Linker LINKER = Linker.nativeLinker();

  private final String label;
  private final MemorySegment description;

  /** ONNX Runtime knows each by its place here and 1. */
  private final List<Kernel> kernels = new ArrayList<>();

  /**
   * Describes an operator.
   *
   * @param label what it is called in graphs
   * @param arena for the description, which must live until no session uses it
   */
  OwnOperator(
      String label,
      ExecutionProvider provider,
      List<Parameter> inputs,
      List<Parameter> outputs,
      Arena arena) {
    this.label = label;
    this.description = arena.allocate(MemoryLayout.sequenceLayout(1 + FUNCTIONS, ADDRESS));
    description.set(JAVA_INT, 0, VERSION);
    new Functions(arena).describe(provider, inputs, outputs);
  }

  /**
   * Makes the kernel of a node.
   *
   * @param info {@code OrtKernelInfo}, from which the node's attributes can be read now
   */
  abstract Kernel kernel(MemorySegment info) throws OrtException;

  /** The {@code OrtCustomOp}. */
  MemorySegment description() {
    return description;
  }

  /** Fills in the description. */
  private final class Functions {

    private final Arena arena;
    private int position;

    Functions(Arena arena) {
      this.arena = arena;
    }

    void describe(ExecutionProvider provider, List<Parameter> inputs, List<Parameter> outputs) {
      skip(); // CreateKernel, for older versions
      constant(arena.allocateFrom(label)); // GetName
      constant(providerName(provider)); // GetExecutionProviderType
      byIndex(inputs, Functions::type); // GetInputType
      constant((long) inputs.size()); // GetInputTypeCount
      byIndex(outputs, Functions::type); // GetOutputType
      constant((long) outputs.size()); // GetOutputTypeCount
      skip(); // KernelCompute, for older versions
      add("destroyKernel", FunctionDescriptor.ofVoid(ADDRESS)); // KernelDestroy
      byIndex(inputs, Functions::characteristic); // GetInputCharacteristic
      byIndex(outputs, Functions::characteristic); // GetOutputCharacteristic
      byIndex(inputs, _ -> 0); // GetInputMemoryType: the provider's own
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
    private MemorySegment providerName(ExecutionProvider provider) {
      return provider == ExecutionProvider.CPU
          ? MemorySegment.NULL
          : arena.allocateFrom("CUDAExecutionProvider");
    }

    private static int type(Parameter parameter) {
      return OrtApi.elementType(parameter.type());
    }

    /** {@code OrtCustomOpInputOutputCharacteristic}: 1 is optional. */
    private static int characteristic(Parameter parameter) {
      return parameter.isRequired() ? 0 : 1;
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
    private void byIndex(List<Parameter> parameters, ToIntFunction<Parameter> property) {
      int[] values = parameters.stream().mapToInt(property).toArray();
      var elements = MethodHandles.arrayElementGetter(int[].class).bindTo(values);
      var index = MethodType.methodType(int.class, long.class);
      var function = MethodHandles.explicitCastArguments(elements, index);
      set(
          MethodHandles.dropArguments(function, 0, MemorySegment.class),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
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
      var kernel = kernel(info);
      synchronized (kernels) {
        kernels.add(kernel);
        made.reinterpret(ADDRESS.byteSize())
            .set(ADDRESS, 0, MemorySegment.ofAddress(kernels.size()));
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
      kernel(kernel.address()).compute(context);
      return MemorySegment.NULL;
    } catch (OrtException | RuntimeException | Error failure) {
      return failure(failure);
    }
  }

  private Kernel kernel(long number) {
    synchronized (kernels) {
      return kernels.get((int) number - 1);
    }
  }

  private MemorySegment failure(Throwable failure) {
    return OrtApi.failure(label + ": " + failure);
  }
}
