/** Errors of gradients: losses, graphs, parameters that take no part, scalers. Only an error’s own text counts. */
import { worded } from './known-error.ts';

export const gradients = [
  ...worded(
    {
      says: 'Not about memory: the loss depends on no parameter that is trained.',
      next: [
        'Look whether parameters are frozen, whether the loss was detached or made under no_grad; with gradient checkpointing call model.enable_input_require_grads(), or use use_reentrant=False.',
      ],
    },
    'does not require grad',
  ),
  ...worded(
    {
      says: 'Not about memory: backward() was called on more than one number, and needs a single loss.',
      next: ['Make it one: loss.mean() or loss.sum(); DataParallel returns one loss a GPU.'],
    },
    'grad can be implicitly created only for scalar',
  ),
  ...worded(
    {
      says: 'Not about memory: the optimizer was given no parameters: all are frozen, were filtered out, or layers lie in a plain list or dictionary, where the model does not see them.',
      next: ['Print len(list(model.parameters())); keep layers in nn.ModuleList or nn.ModuleDict.'],
    },
    'optimizer got an empty parameter list',
    "doesn't have any parameters that require a gradient",
    'no trainable parameters',
  ),
  ...worded(
    {
      says: 'Not about memory: the optimizer was given a tensor that was computed from others, not a parameter of its own.',
      next: ['Give it the nn.Parameter itself: move it to its device first, then make the optimizer.'],
    },
    "can't optimize a non-leaf tensor",
  ),
  ...worded(
    {
      says: 'Not about memory: TensorFlow found no way from the loss to any variable: the loss does not depend on them, or was made outside of the GradientTape.',
      next: ['Compute the loss within the tape, from the model’s output; look whether layers are trainable.'],
    },
    'no gradients provided for any variable',
  ),
  ...worded(
    {
      says: 'Not about memory: the graph of a backward pass was used twice.',
      next: [
        'Detach what is kept from step to step (hidden states, losses), or pass retain_graph=True where two losses share it.',
      ],
    },
    'backward through the graph a second time',
  ),
  ...worded(
    {
      says: 'Not about memory: a tensor that the backward pass needs was changed in place.',
      next: [
        'torch.autograd.set_detect_anomaly(True) names the operation; replace x += y by x = x + y there.',
      ],
    },
    'modified by an inplace operation',
  ),
  ...worded(
    {
      says: 'Not about memory: a parameter that is trained was changed in place, which autograd does not allow where it records.',
      next: ['Change it under torch.no_grad(), or work on a copy (x.clone()).'],
    },
    'a leaf variable that requires grad',
  ),
  ...worded(
    {
      says: 'Not about memory: a parameter took part twice in a backward pass, which DistributedDataParallel or ZeRO counts once.',
      next: [
        'Use gradient checkpointing with use_reentrant=False, or find the parameters that forward passes share.',
      ],
    },
    'mark a variable ready only once',
    'has already been reduced',
  ),
  ...worded(
    {
      says: 'Not about memory: some parameters took no part in the loss, which DistributedDataParallel waits for.',
      next: ['Pass find_unused_parameters=True, or freeze them.'],
    },
    'expected to have finished reduction',
  ),
  ...worded(
    {
      says: 'Not about memory: the gradient scaler met gradients of float16, or none, or was used twice in one step.',
      next: [
        'Keep the trained parameters in float32 and use autocast; call unscale_ and step once for each update.',
      ],
    },
    'attempting to unscale fp16',
    'unscale_() has already been called',
    'no inf checks were recorded',
  ),
];
