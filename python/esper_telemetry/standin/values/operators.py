"""Operators by name whose kind their schema does not show."""

from __future__ import annotations

#: Memory without values.
EMPTY = {"aten::empty", "aten::empty_strided", "aten::empty_like", "aten::new_empty", "aten::new_empty_strided", "aten::empty_permuted"}
#: Change what a tensor is, not what it holds.
METADATA = {
    "aten::set_", "aten::resize_", "aten::resize_as_", "aten::_resize_output_", "aten::record_stream", "aten::detach_", "aten::lift_fresh", "aten::lift",
    "aten::is_pinned", "aten::pin_memory", "aten::_pin_memory", "aten::_reshape_alias", "aten::_cudnn_init_dropout_state", "aten::_efficientzerotensor",
}  # fmt: skip
READ = {"aten::_local_scalar_dense", "aten::equal"}
#: Zeros are written by the device itself, whatever the size.
ZEROS = {"aten::zeros", "aten::zeros_like", "aten::new_zeros", "aten::zero_", "aten::zero"}
#: Overwrite all of their first argument.
OVERWRITES = {
    "aten::fill_", "aten::copy_", "aten::zero_", "aten::normal_", "aten::uniform_", "aten::bernoulli_", "aten::exponential_", "aten::random_",
    "aten::log_normal_", "aten::cauchy_", "aten::geometric_", "aten::_foreach_copy_", "aten::_foreach_zero_",
}  # fmt: skip
#: Touch a few elements of their first argument, however large it is.
SPARSE_ACCESS = {
    "aten::index", "aten::index_select", "aten::gather", "aten::embedding", "aten::take", "aten::index_put_", "aten::_index_put_impl_",
    "aten::index_copy_", "aten::index_fill_", "aten::index_add_", "aten::scatter_", "aten::scatter_add_",
}  # fmt: skip
#: All that they make comes from operators that they call.
MADE_OF_OTHERS = {
    "aten::_scaled_dot_product_flash_attention", "aten::_scaled_dot_product_flash_attention_backward",
    "aten::_scaled_dot_product_efficient_attention", "aten::_scaled_dot_product_efficient_attention_backward",
}  # fmt: skip
#: Read nothing back from the device on their way: what they call in turn need not be seen.
PLAIN = {
    f"aten::{name}"
    for name in (
        "addmm mm bmm baddbmm sum mean prod amax amin any all argmax argmin std var std_mean var_mean logsumexp cumsum cumprod sort topk max min gather "
        "scatter scatter_add scatter_ scatter_add_ index_select index_add index_add_ cat stack _softmax _log_softmax _softmax_backward_data _log_softmax_backward_data "
        "nll_loss_forward nll_loss_backward nll_loss2d_forward mse_loss mse_loss_backward smooth_l1_loss huber_loss native_layer_norm native_layer_norm_backward "
        "native_group_norm native_group_norm_backward native_batch_norm native_batch_norm_backward _native_batch_norm_legit _batch_norm_with_update batch_norm_backward "
        "embedding embedding_dense_backward convolution convolution_backward linalg_vector_norm norm _foreach_norm _foreach_add _foreach_mul _foreach_sqrt "
        "_foreach_div _foreach_pow _foreach_sub _foreach_neg _foreach_addcmul _foreach_addcdiv _foreach_maximum arange full ones zeros zeros_like ones_like full_like "
        "new_zeros new_ones new_full scalar_tensor eye linspace tril triu fill_ zero_ copy_ _to_copy slice_backward select_backward constant_pad_nd flip roll "
        "max_pool2d_with_indices max_pool2d_with_indices_backward avg_pool2d avg_pool2d_backward _adaptive_avg_pool2d _adaptive_avg_pool2d_backward "
        "upsample_nearest2d upsample_bilinear2d _fused_adam_ _fused_adamw_ _fused_sgd_ _fused_rms_norm _fused_rms_norm_backward linear matmul dot mv addmv "
        "native_dropout native_dropout_backward randperm repeat count_nonzero _is_all_true _is_any_true one_hot sum_to_size im2col col2im cdist tanh_backward"
    ).split()
}
