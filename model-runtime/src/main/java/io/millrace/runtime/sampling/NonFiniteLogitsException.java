package io.millrace.runtime.sampling;

/** The model gave logits that nothing can be chosen from; its weights or a kernel are broken. */
public final class NonFiniteLogitsException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  NonFiniteLogitsException() {
    super("the model's logits are not finite numbers");
  }
}
