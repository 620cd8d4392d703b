package io.millrace.runtime.session;

import io.millrace.runtime.device.CudaDevice;
import io.millrace.runtime.device.CudaException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs only where there are a GPU and the CUDA libraries. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsCuda.Condition.class)
public @interface NeedsCuda {

  /** Looks for them once for each class. */
  final class Condition implements ExecutionCondition {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      try (var device = new CudaDevice(0)) {
        return ConditionEvaluationResult.enabled(device.memoryName());
      } catch (CudaException absent) {
        return ConditionEvaluationResult.disabled(absent.getMessage());
      }
    }
  }
}
