package io.millrace.system.faults.agent;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import org.jspecify.annotations.Nullable;

/**
 * A Java agent that has {@link StepFaults} called before each step of the model, and when one is
 * told to stop. So faults of a step are thrown where those of ONNX Runtime are, and nothing of it
 * is in the product.
 */
public final class StepFaultAgent {

  private static final String RUNS = "io/millrace/runtime/session/IoBinding";
  private static final String INTERRUPTS = "io/millrace/runtime/session/GraphRuns";
  private static final ClassDesc FAULTS = ClassDesc.of(StepFaults.class.getName());
  private static final MethodTypeDesc NOTHING = MethodTypeDesc.of(ConstantDescs.CD_void);

  private StepFaultAgent() {}

  /**
   * Called by the JVM before the program's own main method.
   *
   * @param file where the test says what is to fail
   */
  public static void premain(String file, Instrumentation instrumentation) {
    StepFaults.readFrom(Path.of(file));
    instrumentation.addTransformer(new Calls());
  }

  private static final class Calls implements ClassFileTransformer {

    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        String className,
        @Nullable Class<?> redefined,
        @Nullable ProtectionDomain domain,
        byte[] bytes) {
      return switch (className) {
        case RUNS -> withCall(bytes, "run", "beforeStep");
        case INTERRUPTS -> withCall(bytes, "interrupt", "interrupted");
        default -> null;
      };
    }

    private static byte[] withCall(byte[] bytes, String method, String called) {
      var classes = ClassFile.of();
      return classes.transformClass(
          classes.parse(bytes),
          ClassTransform.transformingMethodBodies(
              model -> model.methodName().equalsString(method), new CallAtStart(called)));
    }
  }

  private record CallAtStart(String called) implements CodeTransform {

    @Override
    public void atStart(CodeBuilder code) {
      code.invokestatic(FAULTS, called, NOTHING);
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      code.with(element);
    }
  }
}
